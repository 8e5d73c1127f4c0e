// The reference page: renders openapi.json, which the service generates from its code, and sends requests.
// Strings are inserted as text nodes, never as markup. Credentials are in memory only.

const METHODS = ["get", "post", "put", "patch", "delete"];
const $ = (id) => document.getElementById(id);

/** Creates an element with attributes and children. Strings become text nodes. */
function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

/** The nodes of a text with `code` and *emphasis*, the only markup that the document's descriptions use. */
function prose(text = "") {
  return text.split(/(`[^`]+`|\*[^*\s][^*]*\*)/).map((part) => {
    if (part.length > 2 && part.startsWith("`")) return el("code", {}, part.slice(1, -1));
    if (part.length > 2 && part.startsWith("*")) return el("em", {}, part.slice(1, -1));
    return part;
  });
}

const pretty = (value) => JSON.stringify(value, null, 2);

class Reference {
  constructor(api, address) {
    this.api = api;
    this.base = new URL(api.servers?.[0]?.url ?? ".", address).href.replace(/\/$/, "");
  }

  resolve(node) {
    let found = node;
    while (found?.$ref) {
      found = found.$ref.slice(2).split("/").reduce((at, step) => at?.[step.replaceAll("~1", "/").replaceAll("~0", "~")], this.api);
    }
    return found ?? {};
  }

  render() {
    const { info, tags = [] } = this.api;
    $("title").textContent = `${info.title} ${info.version}`;
    $("summary").textContent = info.summary ?? "";
    $("introduction").replaceChildren(
      ...info.description.split("\n\n").map((text) => el("p", {}, ...prose(text))),
      el("p", {}, "The same as JSON: ", el("a", { href: "openapi.json" }, "openapi.json"), ` (OpenAPI ${this.api.openapi}).`),
    );
    $("operations").replaceChildren(...tags.map((tag) => this.group(tag)));
    $("contents").replaceChildren(
      ...[...tags.map((tag) => tag.name), "schemas"].map((name) => el("li", {}, el("a", { href: `#${name === "schemas" ? name : `tag-${name}`}` }, name))),
    );
    for (const [name, schema] of Object.entries(this.api.components.schemas)) {
      $("schemas").append(
        el("details", { id: `schema-${name}` }, el("summary", {}, el("code", {}, name)),
          el("p", {}, ...prose(schema.description)), this.members(schema), el("pre", { tabindex: "0" }, pretty(schema))),
      );
    }
    addEventListener("hashchange", openFragment);
    openFragment();
  }

  group(tag) {
    const operations = [];
    for (const [path, item] of Object.entries(this.api.paths)) {
      for (const method of METHODS) {
        if (item[method]?.tags?.includes(tag.name)) operations.push(this.operation(method, path, item));
      }
    }
    return el("section", { "aria-labelledby": `tag-${tag.name}` },
      el("h2", { id: `tag-${tag.name}` }, tag.name), el("p", {}, ...prose(tag.description)), ...operations);
  }

  operation(method, path, item) {
    const operation = item[method];
    const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((one) => this.resolve(one));
    const body = operation.requestBody && this.resolve(operation.requestBody);
    const login = operation.security ?? this.api.security;
    const details = el("details", { id: operation.operationId },
      el("summary", {},
        el("span", { class: "method" }, method.toUpperCase()), " ", el("span", { class: "path" }, path), " ",
        el("span", { class: "operation-summary" }, operation.summary)));
    // Filled in when it is first opened, because all operations together have thousands of elements.
    details.addEventListener("toggle", () => {
      if (details.childElementCount > 1) return;
      details.append(
        el("p", {}, ...prose(operation.description)),
        el("p", { class: "kind" }, login.length === 0 ? "Open: no login needed."
          : `Login: ${login.map((one) => Object.keys(one).join(" and ")).join(" or ")}.`));
      if (parameters.length > 0) details.append(el("h3", {}, "Parameters"), this.parameters(parameters));
      if (body) details.append(el("h3", {}, "Body"), ...this.content(body.content));
      details.append(el("h3", {}, "Responses"), this.responses(operation.responses));
      details.append(el("h3", {}, "Try it"), ...this.requestForm(method, path, parameters, body));
    });
    return details;
  }

  parameters(parameters) {
    return table(["Name", "Meaning"], parameters.map((one) => [
      [el("code", {}, one.name), el("span", { class: "kind" }, ` ${one.in}${one.required ? ", required" : ""}`)],
      [...prose(one.description), " ", this.typeOf(one.schema)],
    ]));
  }

  content(content = {}) {
    return Object.entries(content).flatMap(([type, media]) => [
      el("p", {}, el("code", {}, type), " ", this.typeOf(media.schema)),
      media.schema?.$ref && this.members(this.resolve(media.schema)),
      media.example !== undefined ? el("pre", { tabindex: "0" }, pretty(media.example)) : undefined,
    ].filter(Boolean));
  }

  responses(responses) {
    return table(["Status", "Meaning"], Object.entries(responses).map(([status, response]) => {
      const { description, headers = {}, content = {} } = this.resolve(response);
      const media = Object.values(content)[0];
      return [
        [el("code", {}, status)],
        [...prose(description), " ", media && this.typeOf(media.schema),
          el("div", { class: "kind" }, `Headers: ${Object.keys(headers).join(", ")}`),
          media?.example !== undefined ? el("pre", { tabindex: "0" }, pretty(media.example)) : undefined],
      ];
    }));
  }

  /** A short description of the values that the schema allows. */
  typeOf(schema = {}) {
    if (schema.$ref) {
      const name = schema.$ref.split("/").pop();
      return el("a", { href: `#schema-${name}` }, name);
    }
    if (schema.type === "array") return el("span", { class: "kind" }, "list of ", this.typeOf(schema.items));
    const words = [[schema.type ?? "anything"].flat().join(" or ")];
    if (schema.format) words.push(schema.format);
    if (schema.enum) words.push(`one of ${schema.enum.map((value) => JSON.stringify(value)).join(", ")}`);
    if (schema.minimum !== undefined) words.push(`${schema.minimum} to ${schema.maximum}`);
    if (schema.maxLength !== undefined) words.push(`${schema.minLength ?? 0} to ${schema.maxLength} characters`);
    return el("span", { class: "kind" }, `(${words.join(", ")})`);
  }

  members(schema) {
    const rows = Object.entries(schema.properties ?? {}).map(([name, member]) => [
      [el("code", {}, name), el("span", { class: "kind" }, schema.required?.includes(name) ? " always" : "")],
      [...prose(member.description), " ", this.typeOf(member)],
    ]);
    return table(["Member", "Meaning"], rows);
  }

  requestForm(method, path, parameters, body) {
    const fields = parameters.map((one) => ({ one, input: this.input(one.schema ?? {}, one.example) }));
    const types = Object.keys(body?.content ?? {});
    const type = el("select", {}, ...types.map((name) => el("option", {}, name)));
    const text = el("textarea", { spellcheck: "false" });
    const fill = () => { text.value = pretty(body.content[type.value].example ?? {}); };
    const output = el("div", { role: "status", "aria-live": "polite" });
    const form = el("form", {},
      ...fields.map(({ one, input }) => el("label", {}, `${one.name}${one.required ? " (required)" : ""}`, input)));
    if (body) {
      fill();
      type.addEventListener("change", fill);
      form.append(el("label", {}, "Content-Type", type), el("label", { class: "wide" }, "Body", text));
    }
    form.append(el("button", {}, `Send ${method.toUpperCase()}`));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const query = new URLSearchParams();
      const headers = { ...credentials() };
      let target = path;
      for (const { one, input } of fields) {
        if (one.in === "path") target = target.replace(`{${one.name}}`, encodeURIComponent(input.value));
        else if (input.value === "") continue;
        else if (one.in === "query") query.append(one.name, input.value);
        else headers[one.name] = input.value;
      }
      if (body) headers["Content-Type"] = type.value;
      const address = `${this.base}${target}${query.size > 0 ? `?${query}` : ""}`;
      const request = { method: method.toUpperCase(), headers, credentials: "omit", cache: "no-store", body: body ? text.value : undefined };
      output.replaceChildren(await send(address, request));
    });
    return [form, output];
  }

  input(schema, value = "") {
    const options = schema.enum ?? (schema.type === "boolean" ? ["true", "false"] : undefined);
    if (options) return el("select", {}, ...["", ...options].map((option) => el("option", option === value ? { selected: "" } : {}, String(option))));
    return el("input", { autocomplete: "off", spellcheck: "false", placeholder: schema.format === "date" ? "2026-12-24" : undefined });
  }
}

function table(head, rows) {
  return el("table", {},
    el("thead", {}, el("tr", {}, ...head.map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...rows.map((cells) => el("tr", {}, ...cells.map((cell) => el("td", {}, ...cell.filter(Boolean)))))));
}

function credentials() {
  const [name, password, token] = ["username", "password", "token"].map((id) => $(id).value);
  if (token) return { Authorization: `Bearer ${token.trim()}` };
  if (!name) return {};
  const bytes = new TextEncoder().encode(`${name}:${password}`);
  return { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}

async function send(address, request) {
  try {
    const response = await fetch(address, request);
    const raw = await response.text();
    let shown = raw;
    try { shown = pretty(JSON.parse(raw)); } catch { /* Not JSON: shown as it is. */ }
    const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    return el("div", {},
      el("p", {}, `${request.method} ${address}`),
      el("p", { class: response.ok ? "good" : "bad" }, `${response.status} ${response.statusText}`),
      el("pre", { tabindex: "0", role: "region", "aria-label": "Headers" }, headers),
      shown ? el("pre", { tabindex: "0", role: "region", "aria-label": "Body" }, shown) : undefined);
  } catch (error) {
    return el("p", { class: "bad" }, `No response: ${error.message}`);
  }
}

/** Opens the operation or schema that the address's fragment names, and scrolls to it. */
function openFragment() {
  const target = location.hash && $(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target instanceof HTMLDetailsElement) target.open = true;
  target.scrollIntoView();
}

$("login").addEventListener("submit", (event) => event.preventDefault());

try {
  const response = await fetch("openapi.json", { credentials: "omit" });
  if (!response.ok) throw new Error(`${response.status}`);
  new Reference(await response.json(), response.url).render();
} catch (error) {
  $("operations").replaceChildren(el("p", { role: "alert", class: "bad" }, `The reference could not be loaded: ${error.message}`));
}
