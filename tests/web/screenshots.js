// `make screenshots`: takes the screenshots in docs/img. It is not a test.

import { DESKTOP, PASSWORD, PHONE, User, button, launch, open, row, signIn } from "./browser.js";

const dateInDays = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const TASKS = [
  { title: "Water the plants", done: true },
  { title: "Return the library books", description: "Three novels and the atlas", due: dateInDays(-2) },
  { title: "Book the train to Lyon", description: "Window seat, quiet coach if there is one", due: dateInDays(1) },
  { title: "Buy groceries", description: "Milk, Cheese, Pizza, Fruit, Tylenol" },
  { title: "Learn Rust", due: dateInDays(24) },
];

// Stands in for a test's context: `open` registers its cleanup with `after`.
const cleanups = [];
const run = { after: (cleanup) => cleanups.push(cleanup) };
const browser = await launch();
const ada = await User.register(undefined, {}, "ada");
const created = await ada.create(...TASKS);

const take = (page, name) => page.screenshot({ path: `../../docs/img/${name}.png`, animations: "disabled" });
const look = (device, colorScheme) => ({ ...device, colorScheme, expectedErrors: [412] });
const desktop = { ...DESKTOP, viewport: { width: 960, height: 720 } };
const phone = { ...PHONE, viewport: { width: 390, height: 720 } };

const signInPage = await open(run, look(phone, "light"));
await signInPage.getByLabel("User name").fill("ada");
await signInPage.getByLabel("Password").fill(PASSWORD);
await take(signInPage, "sign-in-light-phone");
for (const [device, size] of [["desktop", desktop], ["phone", phone]]) {
  for (const scheme of ["light", "dark"]) {
    const page = await open(run, look(size, scheme));
    await signIn(page, ada);
    await take(page, `list-${scheme}-${device}`);
  }
}
const page = await open(run, look(desktop, "light"));
await signIn(page, ada);
await button(row(page, "Book the train"), /Edit/).click();
await page.getByRole("textbox", { name: "Title" }).fill("Book the night train to Lyon");
await ada.change(created[2], { title: "Book the bus to Lyon", due: dateInDays(3) });
await page.keyboard.press("Enter");
await button(page, "Keep mine").waitFor();
await row(page, "Changed elsewhere").evaluate((element) => scrollTo(0, element.offsetTop - 16));
await take(page, "conflict-light-desktop");

for (const cleanup of cleanups) await cleanup();
await browser.close();
