import { expect, test } from 'vitest';

const html = `
  <main><p>a</p><p hidden>b</p><span style="display: none">c</span><div style="color: red">d</div>
  <div style="visibility: hidden"><b>e</b><i style="visibility: visible">f</i></div>
  <table><tbody><tr hidden><td>g</td></tr><tr><td>h</td></tr></tbody></table>
  <dialog>i</dialog><dialog open>j</dialog><input type="hidden"><input type="text"><details><summary>k</summary></details>
  <script></script><template></template><ul><li>l</li></ul><div popover>m</div></main>`;

/** What jsdom says itself, in a document that it makes anew. */
function bare() {
  const frame = document.body.appendChild(document.createElement('iframe'));
  const { contentWindow } = frame;
  if (!contentWindow) throw new Error('No window.');
  return contentWindow;
}

test('whether an element can be seen is answered as jsdom does', () => {
  const other = bare();
  const ours = document.body.appendChild(document.createElement('section'));
  const theirs = other.document.body.appendChild(other.document.createElement('section'));
  ours.innerHTML = html;
  theirs.innerHTML = html;
  const said = (window: Pick<Window, 'getComputedStyle'>, root: Element) =>
    [...root.querySelectorAll('*')].map((element) => {
      const style = window.getComputedStyle(element);
      return `${element.localName} ${style.display} ${style.getPropertyValue('display')} ${style.visibility} ${style.color}`;
    });
  const before = said(window, ours);
  expect(before).toEqual(said(other, theirs));
  expect(before.filter((one) => one.includes(' none '))).toHaveLength(8);

  // What changes is seen at once.
  const [first] = ours.querySelectorAll('p');
  first?.setAttribute('hidden', '');
  expect(first && window.getComputedStyle(first).display).toBe('none');
});
