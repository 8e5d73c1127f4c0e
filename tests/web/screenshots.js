// `make screenshots`: takes the screenshots in docs/img. It is not a test.

import { DESKTOP, PASSWORD, PHONE, User, launch, listLoaded, newTaskField, open, openTask, panel, signIn, titleField } from "./browser.js";

const dateInDays = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

// Stands in for a test's context: `open` registers its cleanup with `after`.
const cleanups = [];
const run = { after: (cleanup) => cleanups.push(cleanup) };
const browser = await launch();
const ada = await User.register(undefined, {}, "ada");
const lists = {};
for (const name of ["Home", "Work", "Garden"]) {
  lists[name] = (await ada.request("POST", `${ada.service}/todo/api/v1.0/lists`, { name })).body.list.uri;
}
const created = await ada.create(
  { title: "Plan the raised beds", list: lists.Garden, steps: [{ title: "Measure" }, { title: "Order soil" }] },
  { title: "Renew the passport", due: dateInDays(24), tags: ["paperwork"] },
  { title: "Buy groceries", list: lists.Home, steps: [{ title: "Milk", done: true }, { title: "Cheese" }, { title: "Pizza" }, { title: "Fruit" }] },
  {
    title: "Book the train to Lyon", list: lists.Home, due: `${dateInDays(1)}T09:30`, priority: "high", tags: ["trip"],
    description: "Window seat, quiet coach if there is one.\nTimes: https://example.com/trains",
    steps: [{ title: "Ask Mia for her dates", done: true }, { title: "Compare prices" }, { title: "Book both ways" }],
  },
  { title: "Send the weekly report", list: lists.Work, due: `${dateInDays(0)}T16:00`, repeat: "FREQ=WEEKLY" },
  { title: "Call the plumber about the sink", due: dateInDays(0), priority: "medium" },
  { title: "Water the plants", due: dateInDays(0), repeat: "FREQ=DAILY;INTERVAL=3", list: lists.Home },
  { title: "Return the library books", due: dateInDays(-2), tags: ["errands"] },
  { title: "Write to Grandma", done: true },
  { title: "Sort the old newspapers" },
);
await ada.request("DELETE", created.at(-1).uri);

const take = async (page, name) => {
  await listLoaded(page);
  await page.screenshot({ path: `../../docs/img/${name}.png`, animations: "disabled" });
};
const look = (device, colorScheme) => ({ ...device, colorScheme, expectedErrors: [412] });
const desktop = { ...DESKTOP, viewport: { width: 1200, height: 760 } };
const phone = { ...PHONE, viewport: { width: 390, height: 760 } };

const signInPage = await open(run, look(phone, "light"));
await signInPage.getByLabel("User name").fill("ada");
await signInPage.getByLabel("Password").fill(PASSWORD);
await signInPage.screenshot({ path: "../../docs/img/sign-in-light-phone.png", animations: "disabled" });
for (const [device, size] of [["desktop", desktop], ["phone", phone]]) {
  for (const scheme of ["light", "dark"]) {
    const page = await open(run, look(size, scheme));
    await signIn(page, ada);
    for (const view of ["today", "upcoming", "all", "done", "trash"]) {
      await page.goto(`${ada.service}/?show=${view}`);
      if (view === "trash") await page.locator("#trash-list li").waitFor();
      await take(page, `${view}-${scheme}-${device}`);
    }
    await page.goto(`${ada.service}/?list=${lists.Home.split("/").at(-1)}`);
    await take(page, `list-${scheme}-${device}`);
    await page.goto(ada.service);
    await listLoaded(page);
    await openTask(page, "Book the train to Lyon");
    if (device === "desktop") await newTaskField(page).fill("Pick up Mia tomorrow 18:30 #trip !high");
    await take(page, `task-${scheme}-${device}`);
    if (device === "desktop") await newTaskField(page).fill("");
  }
}
const page = await open(run, look({ ...DESKTOP, viewport: { width: 1200, height: 520 } }, "light"));
await signIn(page, ada);
await openTask(page, "Book the train to Lyon");
await titleField(page).fill("Book the night train to Lyon");
await ada.change(created[3], { title: "Book the bus to Lyon" });
await titleField(page).press("Enter");
await panel(page).getByText("Keep mine").waitFor();
await take(page, "conflict-light-desktop");

for (const cleanup of cleanups) await cleanup();
await browser.close();
