import type { JSHandle, Locator, Page } from '@playwright/test';
import { settled } from '../screens';
import type { States } from '../states';

type Name = string | RegExp;
type Role = Parameters<Page['getByRole']>[0];

/** What had the focus when something opened, and has it back once that is closed. */
export interface Trail {
  /** By its name, for a button may be made anew with what it opens. */
  opener?: Locator;
  /** Where a key was pressed. */
  held?: JSHandle<Element | null>;
}

/** One thing that a person does on the way to what opens. */
export type Step = (page: Page, trail: Trail, of: States) => Promise<unknown>;

/** Something that opens over a page. */
export interface Popup {
  /** The file that renders it, under src. */
  of: string;
  /** What it is called by who listens. */
  called: Name;
  role?: 'dialog' | 'menu' | 'listbox';
  how: readonly Step[];
  /** What is done on the way stays on the page: the next one begins with a fresh one. */
  anew?: true;
  /** Closing it goes to another page. */
  leads?: true;
}

/** A page with what opens over it, one after the other. */
export interface Place {
  name: string;
  path: (of: States) => string;
  /** Who reads on a phone has other things that open. */
  width?: number;
  popups: readonly Popup[];
}

const exact = (name: Name) => (typeof name === 'string' ? { name, exact: true } : { name });

/** A control that opens something, which gets the focus back; in a part of the page where there are others of its name. */
export const click =
  (name: Name, role: Role = 'button', [part, called]: readonly [Role, Name] = ['document', /^/]): Step =>
  async (page, trail) => {
    const within = part === 'document' ? page : page.getByRole(part, exact(called));
    await press(within.getByRole(role, exact(name)).first(), trail);
  };

/** The same, however it is found. */
export async function press(one: Locator, trail: Trail): Promise<void> {
  await one.click();
  trail.opener = one;
  delete trail.held;
}

/** A field, whose list opens under it. */
export const field = (name: Name): Step => click(name, 'combobox');

/** A key of the page, wherever the focus is. */
export const key =
  (name: string): Step =>
  async (page, trail) => {
    trail.held = await page.evaluateHandle(() => document.activeElement);
    await page.keyboard.press(name);
  };

/** An entry of the menu that is open: the focus goes back to what opened the menu. */
export const item =
  (name: Name): Step =>
  (page) =>
    page.getByRole('menuitem', { name }).click();

/** What is pressed without opening anything itself. */
export const tap =
  (name: Name, role: Role = 'button'): Step =>
  (page) =>
    page.getByRole(role, exact(name)).first().click();

/** The same in what is open, once it is. */
export const inside =
  (name: Name, role: Role = 'button'): Step =>
  (page) =>
    page.getByRole('dialog').getByRole(role, exact(name)).first().click();

export const fill =
  (label: Name, text: string): Step =>
  (page) =>
    page
      .getByLabel(label, typeof label === 'string' ? { exact: true } : {})
      .first()
      .fill(text);

export const choose =
  (label: string, value: string): Step =>
  (page) =>
    page.getByRole('combobox', { name: label, exact: true }).selectOption(value);

/** A reply of the server that is made up, for what cannot be undone, or is never so in a demo. */
export const answered =
  (method: string, path: RegExp, body: object | ((now: object) => object)): Step =>
  (page) =>
    page.route(
      (url) => path.test(url.pathname),
      async (route) => {
        if (route.request().method() !== method) return route.fallback();
        if (typeof body !== 'function') return route.fulfill({ json: body });
        const response = await route.fetch();
        return route.fulfill({ response, json: body((await response.json()) as object) });
      },
    );

/** The page from its beginning, as after what the server says of who is signed in. */
export const again: Step = async (page) => {
  await page.reload();
  await settled(page);
};
