// What a desk needs besides single parts: lists, the panel that explains, finding anything, and drafts.
"use strict";

const stored = {
  get(key) {
    try { return localStorage.getItem(key); } catch { return null; }
  },
  set(key, value) {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch {
      // Storage may be refused or full: what it would remember is a comfort, nothing depends on it.
    }
  },
  keys(prefix) {
    try { return Object.keys(localStorage).filter((key) => key.startsWith(prefix)); } catch { return []; }
  },
};

// ---- lists: row height, columns, chosen rows, movement by keys -------------------------------------------------
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-density-choice]");
  if (!button) return;
  const dense = button.dataset.densityChoice === "dense";
  stored.set("density", dense ? "dense" : null);
  document.documentElement.toggleAttribute("data-density", dense);
  if (dense) document.documentElement.setAttribute("data-density", "dense");
  closeMenus(null);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fold-filters]");
  if (!button) return;
  const unfolded = document.getElementById(button.getAttribute("aria-controls")).classList.toggle("is-unfolded");
  button.setAttribute("aria-expanded", String(unfolded));
});

// The chosen columns are one parameter of the list's form; the menu stays open while one chooses.
document.addEventListener("change", (event) => {
  const choices = event.target.closest("[data-columns]");
  if (!choices) return;
  const form = document.getElementById(choices.dataset.columns);
  let field = form.elements.namedItem("cols");
  if (!field) {
    field = document.createElement("input");
    field.type = "hidden";
    field.name = "cols";
    form.append(field);
  }
  field.value = [...choices.querySelectorAll("input:checked")].map((box) => box.value).join(",");
  reopen = { list: choices.dataset.columns, value: event.target.value };
  form.requestSubmit();
});

// The address of a list names what narrows it, and nothing else.
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches(".tools-form")) return;
  const { parameters } = event.detail;
  for (const name of Object.keys(parameters)) if (parameters[name] === "") delete parameters[name];
});

let reopen = null;
document.addEventListener("htmx:afterSettle", () => {
  if (!reopen) return;
  const choices = document.querySelector(`[data-columns="${reopen.list}"]`);
  if (!choices) return;
  // A field of the first request would stand beside the one that the answer brought.
  const fields = document.querySelectorAll(`#${reopen.list} > input[name="cols"]`);
  fields.forEach((field) => field.remove());
  choices.closest("details").open = true;
  choices.querySelector(`input[value="${CSS.escape(reopen.value)}"]`)?.focus();
  reopen = null;
});

// A list that was narrowed or sorted says how many rows it shows now, to who does not see it change.
document.addEventListener("htmx:afterSettle", (event) => {
  const list = event.target.closest?.("[data-table]");
  const said = list?.querySelector("[data-said]");
  if (!said || event.target.id !== `${list.id}-results`) return;
  said.textContent = event.target.querySelector(".nothing-title, .table-foot > span")?.textContent || "";
});

function countChosen(list) {
  const boxes = [...list.querySelectorAll('input[name="chosen"]')];
  const chosen = boxes.filter((box) => box.checked).length;
  const all = list.querySelector("[data-choose-all]");
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  const count = list.querySelector("[data-chosen-count]");
  if (count) count.textContent = chosen ? document.body.dataset.textChosen.replace("0", chosen) : "";
}

// With Shift, all rows from the one chosen last to this one.
let chosenLast = null;
document.addEventListener("click", (event) => {
  if (!event.target.matches?.('input[name="chosen"]')) return;
  const boxes = [...event.target.closest("[data-table]").querySelectorAll('input[name="chosen"]')];
  const ends = [boxes.indexOf(chosenLast), boxes.indexOf(event.target)].sort((a, b) => a - b);
  if (event.shiftKey && ends[0] >= 0) boxes.slice(ends[0], ends[1] + 1).forEach((box) => { box.checked = event.target.checked; });
  chosenLast = event.target;
});

document.addEventListener("change", (event) => {
  const list = event.target.closest("[data-table]");
  if (!list || !event.target.matches('[data-choose-all], input[name="chosen"]')) return;
  if (event.target.matches("[data-choose-all]")) {
    for (const box of list.querySelectorAll('input[name="chosen"]')) box.checked = event.target.checked;
  }
  countChosen(list);
});

// Up and down go from row to row in the same column, Home and End to the first and last; x chooses a row.
const REACHABLE = "a[href], button, input:not([type=hidden])";

function rowMove(key, rows, at) {
  if (key === "ArrowDown" || key === "j") return rows[Math.min(at + 1, rows.length - 1)];
  if (key === "ArrowUp" || key === "k") return rows[Math.max(at - 1, 0)];
  if (key === "Home") return rows[0];
  if (key === "End") return rows[rows.length - 1];
  return null;
}

/** The rows that keys move in: those one is in; where one is nowhere, j and k enter the first list of the page. */
function rowsAt(event) {
  const within = event.target.closest?.(".sideways, [data-rows]");
  if (within) return within.querySelector("tbody");
  const nowhere = event.target === document.body || event.target.id === "main";
  return nowhere && ["j", "k"].includes(event.key) ? document.querySelector("main [data-table] [data-rows] tbody") : null;
}

document.addEventListener("keydown", (event) => {
  const table = rowsAt(event);
  if (!table || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  const rows = [...table.rows];
  const row = event.target.closest("tbody tr");
  if (event.key === "x" && row) {
    const box = row.querySelector('input[name="chosen"]');
    if (box) box.click();
    return;
  }
  const next = rowMove(event.key, rows, row ? rows.indexOf(row) : -1);
  if (!next) return;
  const cell = event.target.closest("td, th")?.cellIndex ?? -1;
  const target = next.cells[cell]?.querySelector(REACHABLE) || next.querySelector("a.row-key") || next.querySelector(REACHABLE);
  if (!target) return;
  event.preventDefault();
  target.focus();
  next.scrollIntoView({ block: "nearest" });
});

// ---- the panel that explains: any figure whose address ends in why… opens beside the page ----------------------
const isWhy = (link) => link.origin === location.origin && /\/why(-[a-z-]+)?$/.test(link.pathname);

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const panel = document.getElementById("why");
  if (!link || !panel || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!link.matches("a.fig, a.tile, [data-why]") || !isWhy(link)) return;
  event.preventDefault();
  openWhy(panel, link.href);
});

function openWhy(panel, href) {
  const body = panel.querySelector("[data-why-body]");
  body.replaceChildren(document.getElementById("why-loading").content.cloneNode(true));
  panel.querySelector("[data-why-page]").href = href;
  if (!panel.open) panel.showModal();
  window.htmx.ajax("GET", href, { target: body, swap: "innerHTML" }).then(() => {
    if (!body.querySelector("[data-why-loading]")) return;
    body.replaceChildren(document.getElementById("why-failed").content.cloneNode(true));
  });
}

// A click on the shade, which is the dialog itself, closes it.
document.addEventListener("click", (event) => {
  if (event.target.matches("dialog[data-closes]")) event.target.close();
  if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog").close();
});

// ---- finding anything ------------------------------------------------------------------------------------------
function openPalette() {
  const palette = document.getElementById("palette");
  if (!palette || palette.open) return;
  palette.showModal();
  const box = palette.querySelector("input");
  box.value = "";
  box.focus();
  window.htmx.trigger(box, "find");
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open-palette]");
  if (!opener || event.ctrlKey || event.metaKey || event.button) return;
  event.preventDefault();
  openPalette();
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("input, textarea, select, [contenteditable]");
  const asked = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !typing);
  if (!asked || !document.getElementById("palette")) return;
  event.preventDefault();
  openPalette();
});

function palettePart() {
  return {
    at: 0,
    shown: null, // the text that the list is the answer to
    opens: null, // the key of who was quicker than the answer

    init() {
      this.box = this.$el.querySelector("input");
      this.list = this.$el.querySelector("[role=listbox]");
      this.box.addEventListener("keydown", (event) => this.onKey(event));
      this.$el.addEventListener("close", () => { this.opens = null; });
      this.list.addEventListener("htmx:afterSwap", (event) => this.answered(event.detail.requestConfig.parameters.text));
      this.list.addEventListener("mousemove", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) this.mark(this.options().indexOf(option), true);
      });
    },

    options() {
      return [...this.list.querySelectorAll("[role=option]")];
    },

    mark(at, still) {
      this.at = at;
      this.box.removeAttribute("aria-activedescendant");
      this.options().forEach((option, index) => {
        option.setAttribute("aria-selected", String(index === at));
        if (index !== at) return;
        this.box.setAttribute("aria-activedescendant", option.id);
        if (!still) option.scrollIntoView({ block: "nearest" });
      });
    },

    answered(text) {
      this.shown = text;
      this.mark(0);
      if (this.opens && text === this.box.value) this.go(this.opens);
    },

    /** Opens what is marked; what was typed meanwhile is found first. */
    go(event) {
      this.opens = this.shown === this.box.value ? null : event;
      const option = this.options()[this.at];
      if (this.opens || !option) return;
      if (event.ctrlKey || event.metaKey) window.open(option.href, "_blank", "noopener");
      else location.href = option.href;
    },

    onKey(event) {
      if (event.key !== "Enter") this.opens = null;
      const options = this.options();
      const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 };
      if (event.key in moves && options.length) {
        event.preventDefault();
        const next = this.at + moves[event.key];
        const wraps = Math.abs(moves[event.key]) === 1;
        this.mark(wraps ? (next + options.length) % options.length : Math.max(0, Math.min(next, options.length - 1)));
      } else if (event.key === "Enter") {
        event.preventDefault();
        event.stopPropagation();
        this.go(event);
      }
    },
  };
}

document.addEventListener("alpine:init", () => window.Alpine.data("palette", palettePart));

// ---- drafts: what was typed into a form survives the end of a session, a crash, a closed tab -------------------
const DRAFT_DAYS = 7;
const draftUser = () => document.body.dataset.user;
const draftKey = (form) => `draft:${draftUser()}:${location.pathname}:${[...document.forms].indexOf(form)}`;

function typedIn(form) {
  const values = [];
  for (const field of form.elements) {
    if (!field.name || field.name === "csrfmiddlewaretoken" || ["file", "password", "submit", "button"].includes(field.type)) continue;
    if (["checkbox", "radio"].includes(field.type)) values.push([field.name, field.value, field.checked]);
    else values.push([field.name, field.value]);
  }
  return values;
}

function keepDraft(form) {
  if (!draftUser() || form.dataset.draftOffered) return;
  stored.set(draftKey(form), JSON.stringify({ at: Date.now(), values: typedIn(form) }));
}

let draftTimer = null;
function draftSoon(event) {
  const form = event.target.form;
  if (!form?.hasAttribute("data-guard")) return;
  delete form.dataset.draftOffered;
  clearTimeout(draftTimer);
  draftTimer = setTimeout(() => keepDraft(form), 300);
}
document.addEventListener("input", draftSoon);
document.addEventListener("change", draftSoon);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.hasAttribute("data-forget-drafts")) stored.keys("draft:").forEach((key) => stored.set(key, null));
  if (!form.hasAttribute("data-guard") || !draftUser()) return;
  clearTimeout(draftTimer);
  const key = draftKey(form);
  stored.set(key, JSON.stringify({ at: Date.now(), values: typedIn(form) }));
  if (stored.get(key)) sessionStorage.setItem("draft-sent", key);
});

// A form that was sent and led at once to a page that says it is done needs its draft no more. Where the session had
// ended, the next page is the sign-in page, which has no user; then somebody is welcomed, and the draft waits.
function settleDrafts() {
  if (!draftUser()) return;
  if (stored.keys("draft:").length === 0) return;
  const sent = sessionStorage.getItem("draft-sent");
  sessionStorage.removeItem("draft-sent");
  const done = document.querySelector("[data-done]") !== null;
  for (const key of stored.keys("draft:")) {
    const draft = JSON.parse(stored.get(key) || "{}");
    const old = !draft.at || Date.now() - draft.at > DRAFT_DAYS * 86_400_000;
    if (old || (done && key === sent)) stored.set(key, null);
  }
}

function setField(form, [name, value, checked]) {
  const field = form.elements.namedItem(name);
  if (!field) return;
  const fields = field instanceof RadioNodeList ? [...field] : [field];
  for (const one of fields) {
    if (checked === undefined) one.value = value;
    else if (one.value === value) one.checked = checked;
  }
}

function restoreDraft(form, values) {
  for (const [name, value] of values) {
    const found = /^(.+)-TOTAL_FORMS$/.exec(name);
    if (!found) continue;
    const total = form.elements.namedItem(name);
    const add = total?.closest("[data-prefix]")?.querySelector("[data-add-line]");
    for (let missing = Number(value) - Number(total?.value); add && missing > 0; missing -= 1) add.click();
  }
  for (const value of values) {
    if (!/-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS$/.test(value[0])) setField(form, value);
  }
  for (const row of form.querySelectorAll("[data-line]")) {
    row.hidden = row.querySelector('[name$="-DELETE"]')?.value === "on";
  }
  form.dataset.touched = "1";
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function offerDrafts() {
  for (const form of document.querySelectorAll("form[data-guard]")) {
    const kept = stored.get(draftKey(form));
    if (!kept || form.querySelector("[role=alert], .is-invalid")) continue;
    const draft = JSON.parse(kept);
    if (JSON.stringify(draft.values.filter(([name]) => !name.endsWith("idempotency_key"))) ===
        JSON.stringify(typedIn(form).filter(([name]) => !name.endsWith("idempotency_key")))) continue;
    const note = document.getElementById("draft-note").content.firstElementChild.cloneNode(true);
    note.querySelector("[data-draft-when]").textContent = new Date(draft.at).toLocaleString(document.body.dataset.locale, { dateStyle: "medium", timeStyle: "short", timeZone: document.body.dataset.zone });
    note.querySelector("[data-draft-restore]").addEventListener("click", () => { restoreDraft(form, draft.values); note.remove(); });
    note.querySelector("[data-draft-discard]").addEventListener("click", () => { stored.set(draftKey(form), null); note.remove(); });
    form.prepend(note);
    form.dataset.draftOffered = "1";
  }
}

document.addEventListener("DOMContentLoaded", () => { settleDrafts(); offerDrafts(); });

// ---- checks: the server says beside a field what is wrong with it, once the field is left ----------------------
// The form goes where it would be sent in the end, marked as a check: its view runs, and nothing it does is kept.
// Only fields that were changed and left are spoken of; once that is so, they are judged anew while one types.
// `data-check`: a form that is checked as well, but of which no draft is kept (a token, a question, a month).
const CHECKED = "form[data-guard], form[data-check]";
const checks = new WeakMap();

function checkOf(form) {
  if (!checks.has(form)) {
    const wrong = [...form.elements].filter((field) => field.classList.contains("is-invalid"));
    checks.set(form, { left: new Set(wrong.map((field) => field.name)), said: [], timer: null, request: null });
  }
  return checks.get(form);
}

function checkSoon(form, pause) {
  const check = checkOf(form);
  clearTimeout(check.timer);
  check.timer = setTimeout(() => sendCheck(form, check), pause);
  markLook(form);
}

/** A preview is busy from a change of its form until it shows what that comes to. */
function markLook(form) {
  const look = form?.querySelector("[data-look]");
  const check = checks.get(form);
  if (look) busy(look, Boolean(check?.timer || check?.request || look.matches(".htmx-request")));
}

for (const kind of ["htmx:beforeSend", "htmx:afterRequest"]) {
  document.addEventListener(kind, (event) => event.target.matches?.("[data-look]") && markLook(event.target.closest("form")));
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form");
  if (!form?.matches(CHECKED)) return;
  if (event.target.name) checkOf(form).left.add(event.target.name);
  checkSoon(form, 80);
});

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.matches(CHECKED)) return;
  if (form.querySelector("[data-look]") || checkOf(form).left.has(event.target.name)) checkSoon(form, 700);
});

document.addEventListener("submit", (event) => {
  const check = checks.get(event.target);
  if (!check) return;
  clearTimeout(check.timer);
  check.timer = null;
  check.request?.abort();
  markLook(event.target);
});

async function sendCheck(form, check) {
  check.timer = null;
  check.request?.abort();
  const request = check.request = new AbortController();
  const values = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  try {
    const response = await fetch(form.getAttribute("action") || location.href, {
      method: "POST",
      headers: { "X-Check": form.dataset.guard || form.dataset.check || "all" },
      body: new URLSearchParams(values),
      redirect: "manual",
      signal: request.signal,
    });
    if (response.headers.get("Content-Type")?.includes("json")) { // signed out otherwise: sending it will say so
      showFaults(form, check, await response.json());
      form.dispatchEvent(new CustomEvent("checked"));
    }
  } catch {
    // Left, or no answer: the next change asks again.
  }
  if (check.request === request) check.request = null;
  markLook(form);
}

// A file is judged here: its size and kind are known before it is sent, and no check sends it.
function fileFaults(field) {
  const file = field.files[0];
  if (!file || !field.dataset.largest) return [];
  const texts = [];
  if (file.size > Number(field.dataset.largest)) texts.push(field.dataset.tooLarge);
  if (field.accept && !field.accept.split(",").includes(file.type)) texts.push(field.dataset.wrongKind);
  return texts;
}

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.type !== "file" || !field.dataset.largest) return;
  const said = checkOf(field.form).said = fileFaults(field);
  markField(field, field.id, said);
  sayFaults(field.form, said.join(" "));
});

const labelOf = (field) => (field.labels?.[0]?.firstChild?.textContent || field.getAttribute("aria-label") || "").trim();

function showFaults(form, check, answer) {
  const faults = new Map(answer.faults.map((fault) => [fault.name, fault]));
  const news = [];
  const wrong = [];
  for (const name of check.left) {
    const found = form.elements.namedItem(name);
    const field = found instanceof RadioNodeList ? found[0] : found;
    if (field?.type === "file") wrong.push(...fileFaults(field));
    if (!field || field.type === "file" || field.closest("[data-line][hidden]")) continue;
    const fault = faults.get(name);
    const sentence = fault && `${labelOf(field)}: ${fault.texts.join(" ")}`;
    if (sentence) wrong.push(sentence);
    if (markField(field, fault?.id || `id_${name}`, fault?.texts || [])) news.push(sentence);
    faults.delete(name);
  }
  const whole = faults.size || form.querySelector("[data-look]") ? [] : answer.whole;
  if (markWhole(form, whole)) news.push(...whole);
  // What was put right is not said any longer: the page's end, too, speaks only of what is wrong.
  check.said = news.length ? news : check.said.filter((text) => wrong.includes(text) || whole.includes(text));
  sayFaults(form, check.said.join(" "));
}

/** Says beside a field what is wrong with it; whether that is new. */
function markField(field, id, texts) {
  const box = document.getElementById(`${id}_error`);
  const said = box ? [...box.querySelectorAll("span")].map((line) => line.textContent) : [];
  if (JSON.stringify(said) === JSON.stringify(texts)) return false;
  box?.remove();
  const described = (field.getAttribute("aria-describedby") || "").split(" ").filter((one) => one && one !== `${id}_error`);
  field.classList.toggle("is-invalid", texts.length > 0);
  field.toggleAttribute("aria-invalid", false);
  if (texts.length) {
    const errors = document.createElement("div");
    errors.id = `${id}_error`;
    errors.append(...texts.map((text) => faultLine(text)));
    (field.closest("fieldset.field, .field, td") || field.parentElement).append(errors);
    field.setAttribute("aria-invalid", "true");
    described.push(errors.id);
  }
  if (described.length) field.setAttribute("aria-describedby", described.join(" "));
  else field.removeAttribute("aria-describedby");
  return texts.length > 0;
}

function faultLine(text) {
  const line = document.getElementById("fault-line").content.firstElementChild.cloneNode(true);
  line.querySelector("span").textContent = text;
  return line;
}

/** What is wrong with the whole stands above the button, once no field that is still to come can be the reason. */
function markWhole(form, texts) {
  const old = form.querySelector("[data-faults]");
  const said = old ? [...old.querySelectorAll("span")].map((line) => line.textContent) : [];
  if (JSON.stringify(said) === JSON.stringify(texts)) return false;
  old?.remove();
  if (!texts.length) return false;
  const box = document.createElement("div");
  box.dataset.faults = "";
  box.append(...texts.map((text) => faultLine(text)));
  (form.querySelector(".form-foot") || form.lastElementChild).before(box);
  return true;
}

function sayFaults(form, text) {
  let voice = form.querySelector("[data-voice]");
  if (!voice && !text) return;
  if (!voice) {
    voice = document.createElement("p");
    voice.className = "visually-hidden";
    voice.dataset.voice = "";
    voice.setAttribute("role", "status");
    form.append(voice);
  }
  if (voice.textContent !== text) voice.textContent = text;
}
