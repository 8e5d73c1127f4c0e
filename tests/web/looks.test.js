// What everybody must be able to use, and what nobody must be able to break.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PASSWORD, PHONE, Person, SERVICE, at, becomes, button, field, open, row, says, shown, violations, withBrowser } from "./browser.js";

withBrowser();

const TASKS = [
  { title: "Call the plumber", due: "2001-02-03" },
  { title: "Book the train", description: "Window seat\nquiet coach", due: "2033-04-05" },
  { title: "Water the plants", done: true },
];

test("the first view is small, complete, and cached by its tags", async (t) => {
  const sizes = {};
  let pending = [];
  const prepare = (page) =>
    page.on("requestfinished", (request) => {
      pending.push(
        (async () => {
          const { responseBodySize, responseHeadersSize } = await request.sizes();
          sizes[new URL(request.url()).pathname] = responseBodySize + responseHeadersSize;
        })(),
      );
    });
  const page = await open(t, { prepare });
  await page.waitForLoadState("networkidle");
  await Promise.all(pending);
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  t.diagnostic(`first view: ${total} bytes in ${Object.keys(sizes).length} requests`);
  assert.ok(total > 10_000 && total <= 100_000, `${total} bytes`);
  assert.ok(await page.getByLabel("User name").isVisible());

  pending = [];
  const answers = [];
  page.on("response", (response) => answers.push(response.fromServiceWorker() ? 0 : response.status()));
  await page.reload();
  await page.waitForLoadState("networkidle");
  await Promise.all(pending);
  assert.ok(answers.every((status) => [200, 304].includes(status)), String(answers));
});

test("the page forbids what it does not need", async (t) => {
  const page = await open(t);
  const { headers } = await fetch(SERVICE);
  assert.match(headers.get("content-security-policy"), /default-src 'none'; script-src 'self'; style-src 'self'/);
  assert.equal(await page.locator("[style], script:not([src]), style").count(), 0);
});

for (const colorScheme of ["light", "dark"]) {
  for (const [device, options] of [["desktop", {}], ["phone", PHONE]]) {
    test(`axe-core finds nothing wrong: ${colorScheme}, ${device}`, async (t) => {
      const look = { ...options, colorScheme, reducedMotion: "reduce", provoked: [400, 401, 412] };
      const person = await Person.register();
      const made = await person.create(...TASKS);
      const page = await open(t, look);
      const check = async (state) => assert.deepEqual(await violations(page), [], state);

      await check("sign-in");
      await button(page, "Create an account").click();
      await page.evaluate(() => (document.getElementById("code-field").hidden = false));
      await check("register");
      await page.locator("#switch-mode").click();
      await page.getByLabel("User name").fill(person.name);
      await page.getByLabel("Password").fill("wrong");
      await page.keyboard.press("Enter");
      await page.getByText("is wrong").waitFor();
      await check("sign-in refused");
      await page.getByLabel("Password").fill(PASSWORD);
      await page.keyboard.press("Enter");
      await row(page, "Book the train").waitFor();
      await check("list");

      await field(page).fill("x".repeat(501));
      await page.keyboard.press("Enter");
      await page.locator("#outbox .problem").waitFor();
      await button(row(page, "Water"), /Delete/).click();
      await button(row(page, "Book"), /Edit/).click();
      await check("not saved, deleted, editing");

      await page.getByRole("textbox", { name: "Title" }).fill("Book the bus");
      await person.change(made[1], { title: "Book the night train" });
      await page.keyboard.press("Enter");
      await button(page, "Keep mine").waitFor();
      await check("conflict");
    });
  }
}

test("nothing is too small to touch, and nothing is wider than a small phone", async (t) => {
  const { page } = await at(t, [...TASKS, "W".repeat(400)], { ...PHONE, viewport: { width: 320, height: 640 } });
  await button(row(page, "Book"), /Edit/).click();
  const small = await page.evaluate(() => {
    const all = [...document.querySelectorAll("button, input, select, textarea")];
    const visible = all.filter((element) => element.checkVisibility());
    // A box is ticked by its label, too.
    const target = (element) => (["checkbox", "radio"].includes(element.type) ? element.closest("label") : element);
    return visible
      .map((element) => [element.outerHTML, target(element).getBoundingClientRect()])
      .filter(([, box]) => box.width < 42 || box.height < 42)
      .map(([html]) => html);
  });
  assert.deepEqual(small, []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
});

test("the keyboard alone does everything, and one sees where one is", async (t) => {
  const person = await Person.register();
  const page = await open(t);
  const keys = page.keyboard;
  const press = async (...names) => {
    for (const name of names) await keys.press(name);
  };
  /** Tabs on to what has the name, and looks at its outline. */
  const reach = async (name, key = "Tab") => {
    for (let steps = 0; steps < 40; steps++) {
      await keys.press(key);
      const here = await page.evaluate(() => {
        const element = document.activeElement;
        const labels = [...(element.labels ?? [])].map((label) => label.textContent).join(" ");
        const ring = element.type === "radio" ? element.nextElementSibling : element;
        const { outlineStyle, outlineWidth } = getComputedStyle(ring);
        return { name: element.ariaLabel ?? (labels || element.textContent), ring: outlineStyle !== "none" && outlineWidth };
      });
      if (name.test(here.name)) {
        assert.equal(here.ring, "3px", `a ring around ${here.name}`);
        return;
      }
    }
    assert.fail(`${name} is not reached`);
  };

  assert.equal(await page.evaluate(() => document.activeElement.id), "username");
  await keys.type(person.name);
  await reach(/Password/);
  await keys.type(PASSWORD);
  await press("Enter");
  await says(page, "No tasks");
  await keys.type("Buy milk");
  await press("Enter");
  await says(page, "Added");
  await reach(/All/);
  await reach(/Search/);
  await reach(/Edit/);
  await press("Enter");
  await press("End");
  await keys.type(" and bread");
  await press("Enter");
  await says(page, "Saved");
  await reach(/^$/, "Shift+Tab");
  await press("Space");
  await says(page, "Done");
  await reach(/Delete/);
  await press("Enter");
  await press("Enter");
  await says(page, "Restored");
  assert.deepEqual(await shown(page), ["Buy milk and bread"]);
  await reach(/All/, "Shift+Tab");
  await press("ArrowLeft");
  await becomes(() => page.locator("input[name=show]:checked").getAttribute("value"), "true");
  await reach(/Sign out/, "Shift+Tab");
  await press("Enter");
  await page.getByText("You are signed out.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "username");
});

test("a screen reader hears names, states and news", async (t) => {
  const { page } = await at(t, TASKS);
  const tree = await page.locator("body").ariaSnapshot();
  for (const line of [
    /banner/,
    /heading "To-do" \[level=1\]/,
    /main/,
    /form "New task"/,
    /textbox "New task"/,
    /search "Tasks to show"/,
    /radio "All" \[checked\]/,
    /status: 3 tasks shown/,
    /list "Tasks"/,
    /checkbox "Water the plants" \[checked\]/,
    /button "Edit “.?Book the train.?”"/,
    /Overdue: 3 Feb 2001/,
  ]) {
    assert.match(tree, line);
  }
});

test("whoever wants less motion gets none", async (t) => {
  const moving = () => [...document.querySelectorAll("*")].some((element) => getComputedStyle(element).transitionDuration !== "0s");
  for (const [reducedMotion, expected] of [["reduce", false], ["no-preference", true]]) {
    const page = await open(t, { reducedMotion });
    assert.equal(await page.evaluate(moving), expected);
  }
});

test("a hundred hostile titles are text", async (t) => {
  const kinds = [
    (n) => `<img src=x onerror=alert(${n})>`,
    (n) => `<script>alert(${n})</script>`,
    (n) => `"><svg/onload=alert(${n})>`,
    (n) => `javascript:alert(${n})`,
    (n) => `{{constructor.constructor('alert(${n})')()}} \${alert(${n})}`,
    (n) => `\u202e\u2066\u202bright to left ${n} \u05d0\u05d1\u05d2`,
    (n) => "👩‍👩‍👧‍👦💥".repeat(50) + n,
    (n) => `${"z\u0300\u0301\u0302\u0303\u0304\u0305".repeat(60)} ${n}`,
    (n) => `&lt;b&gt; &#x202e; %3Cb%3E \\u003cb ${n}`,
    (n) => `</ul></main><style>*{display:none}</style><h1>${n}`,
  ];
  const titles = Array.from({ length: 99 }, (_, n) => kinds[n % kinds.length](n));
  titles.push("😀".repeat(500));
  const tasks = titles.map((title, n) => ({ title, description: n % 3 ? "" : `${title}\n${title}` }));
  const { page } = await at(t, tasks);
  for (let end = 0; end < 40 && (await shown(page)).length < 100; end++) {
    await page.mouse.wheel(0, 8000);
    await page.waitForTimeout(100);
  }
  assert.deepEqual(await shown(page), [...titles].reverse());
  assert.equal(await page.locator("#tasks img, #tasks script, #tasks style, #tasks h1, #tasks b").count(), 0);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 1100);

  await page.evaluate(() => scrollTo(0, 0));
  const hostile = page.locator("#tasks > li").nth(1);
  await button(hostile, /Edit/).click();
  await page.getByLabel("Description").fill("<b>more</b>");
  await page.getByLabel("Description").press("Control+Enter");
  await says(page, "Saved");
  await button(hostile, /Delete/).click();
  await says(page, "Deleted");
  await field(page).fill("<img src=x onerror=alert(1)>");
  await page.keyboard.press("Enter");
  await says(page, "Added “\u2068<img src=x onerror=alert(1)>\u2069”");
  await page.waitForTimeout(200);
});
