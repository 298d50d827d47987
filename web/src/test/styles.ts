/** What the browser's own style sheet makes `display` depend on, beside the names of an element and its parent. */
const DECIDING = ['hidden', 'open', 'popover', 'type'];

const says = (element: Element, property: string) => element.getAttribute('style')?.includes(property) ?? false;

/**
 * To find what has a role, each element of the document is asked whether it can be seen. jsdom then matches all of its
 * style sheet for all properties, which is a third of what tests of pages take. Of the two that say so, elements of one
 * kind have the same where the document has no style sheet of its own; all else is left to jsdom.
 */
export function quickenStyles(): void {
  const whole = window.getComputedStyle.bind(window);
  const displays = new Map<string, string>();

  function displayOf(element: Element): string {
    if (says(element, 'display')) return whole(element).display;
    const attributes = DECIDING.map((name) => element.getAttribute(name));
    const kind = JSON.stringify([element.localName, element.parentElement?.localName, attributes]);
    const found = displays.get(kind) ?? whole(element).display;
    displays.set(kind, found);
    return found;
  }

  // Inherited, so that any of those around may have said it.
  function visibilityOf(element: Element): string {
    for (let at: Element | null = element; at; at = at.parentElement) {
      if (says(at, 'visibility') || at.hasAttribute('hidden')) return whole(element).visibility;
    }
    return 'visible';
  }

  window.getComputedStyle = (element, pseudo) => {
    if (pseudo || document.styleSheets.length > 0) return whole(element, pseudo);
    return new Proxy({} as CSSStyleDeclaration, {
      get(_, name) {
        if (name === 'display') return displayOf(element);
        if (name === 'visibility') return visibilityOf(element);
        if (name === 'getPropertyValue')
          return (property: string) =>
            property === 'display' ? displayOf(element) : whole(element).getPropertyValue(property);
        const style = whole(element);
        const value: unknown = Reflect.get(style, name);
        return typeof value === 'function' ? value.bind(style) : value;
      },
    });
  };
}
