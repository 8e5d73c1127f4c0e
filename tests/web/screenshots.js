// `make screenshots`: the main states, for README and docs. No test.

import { DESKTOP, PASSWORD, PHONE, Person, button, launch, open, row, signIn } from "./browser.js";

const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const TASKS = [
  { title: "Water the plants", done: true },
  { title: "Return the library books", description: "Three novels and the atlas", due: day(-2) },
  { title: "Book the train to Lyon", description: "Window seat, quiet coach if there is one", due: day(1) },
  { title: "Buy groceries", description: "Milk, Cheese, Pizza, Fruit, Tylenol" },
  { title: "Learn Rust", due: day(24) },
];

const undone = [];
const run = { after: (work) => undone.push(work) };
const browser = await launch();
const ada = await Person.register(undefined, {}, "ada");
const made = await ada.create(...TASKS);

const take = (page, name) => page.screenshot({ path: `../../docs/img/${name}.png`, animations: "disabled" });
const look = (device, colorScheme) => ({ ...device, colorScheme, provoked: [412] });
const desktop = { ...DESKTOP, viewport: { width: 960, height: 720 } };
const phone = { ...PHONE, viewport: { width: 390, height: 720 } };

const entrance = await open(run, look(phone, "light"));
await entrance.getByLabel("User name").fill("ada");
await entrance.getByLabel("Password").fill(PASSWORD);
await take(entrance, "sign-in-light-phone");
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
await ada.change(made[2], { title: "Book the bus to Lyon", due: day(3) });
await page.keyboard.press("Enter");
await button(page, "Keep mine").waitFor();
await row(page, "Changed elsewhere").evaluate((element) => scrollTo(0, element.offsetTop - 16));
await take(page, "conflict-light-desktop");

for (const work of undone) await work();
await browser.close();
