// The reference at /docs: requests can be sent from it as they stand there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { User, open, withBrowser } from "./browser.js";

withBrowser();

test("the requests of the reference are filled in with its examples, and can be sent", async (t) => {
  const user = await User.register();
  const page = await open(t, { path: "/docs" });
  await page.locator("#token").fill(user.authorization.replace("Bearer ", ""));
  await page.locator("#createTask > summary").click();
  await page.locator("#createTask").getByRole("button", { name: "Send POST" }).click();
  await page.locator("#createTask p.good", { hasText: "201" }).waitFor();
  assert.deepEqual(await user.titles(), ["Read a book"]);
  await page.locator("#mcp > summary").click();
  assert.equal(await page.locator("#mcp").getByLabel("MCP-Protocol-Version").inputValue(), "2025-11-25");
});
