// The behaviour of the parts. Everything here works on markup that also makes sense without it.
"use strict";

const busy = (element, on) => (on ? element.setAttribute("aria-busy", "true") : element.removeAttribute("aria-busy"));

// ---- menus: one open at a time, closed by Escape and by a click elsewhere ------------------------------------
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu === except || menu.contains(except)) continue;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// ---- theme: light, dark, or whatever the system says ---------------------------------------------------------
function setTheme(choice) {
  const root = document.documentElement;
  try {
    if (choice === "auto") localStorage.removeItem("theme");
    else localStorage.setItem("theme", choice);
  } catch {
    // Not remembered where storage is refused; it still holds for this page.
  }
  if (choice === "auto") root.removeAttribute("data-bs-theme");
  else root.setAttribute("data-bs-theme", choice);
  drawCharts(document, true);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice]");
  if (!button) return;
  setTheme(button.dataset.themeChoice);
  closeMenus(null);
});

// ---- keys: Ctrl-Enter sends the form one is in ----------------------------------------------------------------
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

// ---- forms: ask first where it matters, send once, warn before losing what was typed --------------------------
/** `{end_on}` in a question is the month of the day that stands in that field as it is asked. */
function withMonths(question, form) {
  return question.replace(/\{(\w+)\}/g, (whole, name) => {
    const field = form.elements.namedItem(name);
    const day = new Date(field?.value || "");
    if (!field || Number.isNaN(day.getTime())) return field ? "…" : whole;
    return day.toLocaleDateString(document.documentElement.lang, { month: "long", year: "numeric", timeZone: "UTC" });
  });
}

function ask(form, button, asked) {
  const dialog = document.getElementById("ask");
  dialog.querySelector("[data-ask-title]").textContent = withMonths(asked.confirm, form);
  dialog.querySelector("[data-ask-text]").textContent = asked.confirmText || "";
  dialog.returnValue = "";
  dialog.onclose = () => {
    if (dialog.returnValue !== "yes") return;
    form.dataset.confirmed = "1";
    form.requestSubmit(button);
  };
  dialog.showModal();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const asked = [event.submitter?.dataset, form.dataset].find((data) => data?.confirm);
  if (asked && !form.dataset.confirmed) {
    event.preventDefault();
    ask(form, event.submitter || form.querySelector("[type=submit]"), asked);
    return;
  }
  if (form.method !== "post" || form.closest("dialog")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) busy(button, true);
});

document.addEventListener("input", (event) => {
  if (event.target.form?.hasAttribute("data-guard")) event.target.form.dataset.touched = "1";
});

window.addEventListener("beforeunload", (event) => {
  const form = document.querySelector("form[data-guard][data-touched]:not([data-sent])");
  if (form) event.preventDefault();
});

// A page taken from the back/forward cache must be sendable again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) busy(button, false);
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  const drop = event.target.closest(".drop");
  if (drop && event.target.files?.length) {
    drop.querySelector("[data-file-name]").textContent = event.target.files[0].name;
  }
});

// ---- toasts ----------------------------------------------------------------------------------------------------
function expireToasts(root) {
  for (const toast of root.querySelectorAll("[data-expires]")) {
    const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove());
    setTimeout(leave, Number(toast.dataset.expires));
  }
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-close-toast]")?.closest(".toast-note").remove();
});

function say(text) {
  const stack = document.querySelector(".toasts");
  const note = document.getElementById("toast-error").content.firstElementChild.cloneNode(true);
  note.querySelector("p").textContent = text;
  stack.append(note);
  expireToasts(stack);
}

document.addEventListener("htmx:sendError", () => say(document.body.dataset.textOffline));
document.addEventListener("htmx:responseError", () => say(document.body.dataset.textFailed));

// A part that follows its page (a chart, a sum over everything) does not look as if it were still to come.
for (const kind of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(kind, (event) => {
    const waits = event.target.querySelector?.(".panel-body .loading");
    if (!waits || waits.closest("[data-why-loading]")) return;
    waits.closest(".panel-body").replaceChildren(document.getElementById("part-failed").content.cloneNode(true));
  });
}

// ---- charts: the library is loaded when the first chart is on the page -----------------------------------------
let chartLibrary = null;
const charts = new Map();

function loadChartLibrary() {
  chartLibrary ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.body.dataset.charts;
    script.onload = () => resolve(window.WherewithalCharts);
    script.onerror = reject;
    document.head.append(script);
  });
  return chartLibrary;
}

// A canvas needs plain colours; the browser resolves light-dark() and variables for us.
function colour(name) {
  const probe = document.createElement("i");
  probe.hidden = true;
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

const TONES = ["--chart-1", "--chart-2", "--chart-3", "--chart-4", "--chart-5", "--chart-6"];

function chartSeries(spec, series, at) {
  const tone = colour(series.tone ? `--${series.tone}` : TONES[at % TONES.length]);
  const below = spec.kind === "mirrored" && at === 1;
  const line = spec.kind === "line" || spec.kind === "area";
  return {
    name: series.name,
    type: line ? "line" : "bar",
    data: below ? series.values.map((value) => (value === null ? null : -value)) : series.values,
    stack: spec.kind === "stacked" || spec.kind === "mirrored" || spec.kind === "area" ? "all" : undefined,
    color: tone,
    symbol: "circle",
    symbolSize: 6,
    showSymbol: series.values.length < 3,
    lineStyle: { width: 2, type: ["solid", "dashed", "dotted"][at % 3] },
    areaStyle: spec.kind === "area" ? { opacity: 0.14 } : undefined,
    barMaxWidth: 22,
    itemStyle: line ? undefined : { borderRadius: below ? [0, 0, 3, 3] : [3, 3, 0, 0] },
    emphasis: { focus: "series" },
    cursor: spec.links.length ? "pointer" : "default",
  };
}

/** Rows of a legend, at about the width of its letters: as many as do not fit side by side begin a further one. */
function legendRows(spec, width) {
  let rows = 1;
  let used = 0;
  for (const series of spec.series) {
    const needs = 26 + 6.2 * series.name.length;
    if (used && used + needs > width) { rows += 1; used = 0; }
    used += needs;
  }
  return rows;
}

/** The labels below a chart: all of them, aslant where a few names do not fit side by side; of many, those that fit. */
function axisLabels(spec, width) {
  const room = (width - 40) / spec.labels.length;
  const longest = Math.max(...spec.labels.map((label) => label.length));
  if (spec.kind === "line" || spec.kind === "area" || room < 14 || longest * 6.2 < room) return { hideOverlap: true };
  return spec.labels.length > 14 ? { hideOverlap: true } : { interval: 0, rotate: 45, width: 84, overflow: "truncate" };
}

function chartOptions(spec, width) {
  const mirrored = document.documentElement.dir === "rtl"; // time runs as one reads
  const soft = colour("--ink-soft");
  const rule = colour("--line");
  const exact = new Intl.NumberFormat(spec.locale, { minimumFractionDigits: spec.decimals, maximumFractionDigits: spec.decimals });
  const short = new Intl.NumberFormat(spec.locale, { notation: "compact", maximumFractionDigits: 1 });
  const text = { color: soft, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11 };
  return {
    animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250,
    textStyle: text,
    grid: { left: mirrored ? 8 : 4, right: mirrored ? 4 : 8, top: spec.series.length > 1 ? 14 + 18 * legendRows(spec, width) : 12, bottom: 4, containLabel: true },
    legend: spec.series.length > 1 ? { top: 0, [mirrored ? "right" : "left"]: 0, itemWidth: 10, itemHeight: 10, icon: "roundRect", textStyle: text } : undefined,
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      confine: true,
      axisPointer: { type: "line", lineStyle: { color: soft } },
      backgroundColor: colour("--raised"),
      borderColor: colour("--line-strong"),
      textStyle: { ...text, color: colour("--ink"), fontSize: 12 },
      valueFormatter: (value) => (value === null || value === undefined ? "—" : `${exact.format(Math.abs(value))} ${spec.unit}`),
    },
    xAxis: { type: "category", inverse: mirrored, data: spec.labels, boundaryGap: spec.kind !== "line" && spec.kind !== "area", axisLine: { lineStyle: { color: rule } }, axisTick: { show: false }, axisLabel: { ...text, ...axisLabels(spec, width) } },
    yAxis: { type: "value", position: mirrored ? "right" : "left", scale: spec.kind === "line", splitNumber: 4, splitLine: { lineStyle: { color: rule } }, axisLabel: { ...text, formatter: (value) => short.format(Math.abs(value)) } },
    series: spec.series.map((series, at) => chartSeries(spec, series, at)),
  };
}

function drawChart(library, box) {
  const spec = JSON.parse(box.dataset.spec);
  charts.get(box)?.dispose();
  const chart = library.init(box, null, { renderer: "canvas" });
  chart.setOption(chartOptions(spec, box.clientWidth));
  if (spec.links.length) chart.on("click", (event) => { location.href = spec.links[event.dataIndex]; });
  charts.set(box, chart);
}

function drawCharts(root, again) {
  const boxes = [...root.querySelectorAll("[data-chart]")].filter((box) => again || !charts.has(box));
  if (!boxes.length) return;
  loadChartLibrary().then((library) => boxes.forEach((box) => drawChart(library, box)));
}

new ResizeObserver(() => charts.forEach((chart) => chart.resize())).observe(document.documentElement);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawCharts(document, true));

// ---- Alpine: the two parts that hold state ---------------------------------------------------------------------
const optionsOf = (list) => [...list.querySelectorAll('[role="option"]:not([aria-disabled])')];

function pickerPart() {
  return {
    open: false,
    at: -1,
    marked: null,
    input: null,

    init() {
      this.input = this.$el.querySelector("input[role=combobox]");
      this.input.addEventListener("keydown", (event) => this.onKey(event));
      this.input.addEventListener("blur", () => setTimeout(() => document.activeElement === this.input || this.close(), 150));
      this.input.addEventListener("input", () => { this.$refs.name.textContent = ""; this.marked = null; });
      this.$refs.list.addEventListener("htmx:afterSwap", () => (document.activeElement === this.input ? this.show() : this.say()));
      this.$refs.list.addEventListener("mousedown", (event) => {
        const option = event.target.closest('[role="option"]:not([aria-disabled])');
        event.preventDefault();
        if (option) this.choose(option);
      });
    },

    show() {
      this.open = document.activeElement === this.input && this.$refs.list.children.length > 0;
      this.input.setAttribute("aria-expanded", String(this.open));
      // An answer that comes while one chooses leaves the choice where it is.
      this.mark(optionsOf(this.$refs.list).findIndex((option) => option.dataset.value === this.marked));
    },

    // A scanner has typed and moved on: say what the code stands for.
    say() {
      const options = optionsOf(this.$refs.list);
      if (options.length === 1) this.$refs.name.textContent = `${options[0].dataset.value} ${options[0].dataset.name}`;
    },

    close() {
      this.open = false;
      this.marked = null;
      this.input.setAttribute("aria-expanded", "false");
      this.input.removeAttribute("aria-activedescendant");
    },

    mark(at) {
      this.at = at;
      this.marked = optionsOf(this.$refs.list)[at]?.dataset.value;
      optionsOf(this.$refs.list).forEach((option, index) => {
        option.setAttribute("aria-selected", String(index === at));
        if (index !== at) return;
        option.scrollIntoView({ block: "nearest" });
        this.input.setAttribute("aria-activedescendant", option.id);
      });
      if (at < 0) this.input.removeAttribute("aria-activedescendant");
    },

    onKey(event) {
      const options = this.open ? optionsOf(this.$refs.list) : [];
      if (event.key === "ArrowDown" && options.length) {
        event.preventDefault();
        this.mark((this.at + 1) % options.length);
      } else if (event.key === "ArrowUp" && options.length) {
        event.preventDefault();
        this.mark((this.at + options.length - 1) % options.length);
      } else if (event.key === "Enter" && this.open && this.at >= 0) {
        event.preventDefault();
        event.stopPropagation();
        this.choose(options[this.at]);
      } else if (event.key === "Escape" && this.open) {
        event.stopPropagation();
        this.close();
      } else if (event.key === "Tab") {
        this.close();
      }
    },

    choose(option) {
      if (option.dataset.href) {
        location.href = option.dataset.href;
        return;
      }
      this.input.value = option.dataset.value;
      this.$refs.name.textContent = option.dataset.name;
      this.close();
      this.input.dispatchEvent(new Event("change", { bubbles: true }));
    },
  };
}

function linesPart() {
  return {
    init() {
      this.total = this.$el.querySelector(`[name="${this.$el.dataset.prefix}-TOTAL_FORMS"]`);
      this.$refs.body.addEventListener("keydown", (event) => this.onKey(event));
      this.$refs.body.addEventListener("change", (event) => this.carry(event.target));
      this.$refs.body.addEventListener("paste", (event) => this.onPaste(event));
      this.$refs.body.addEventListener("click", (event) => {
        const button = event.target.closest("[data-remove], [data-copy]");
        if (!button) return;
        if (button.matches("[data-copy]")) this.copy(button.closest("[data-line]"), 0);
        else this.remove(button.closest("[data-line]"));
      });
      this.number();
    },

    rows() {
      return [...this.$refs.body.querySelectorAll("[data-line]")].filter((row) => !row.hidden);
    },

    cells(row) {
      return [...row.querySelectorAll("input:not([type=hidden]), select, textarea")];
    },

    number() {
      this.rows().forEach((row, at) => { row.querySelector("[data-no]").textContent = at + 1; });
    },

    append() {
      const markup = this.$refs.blank.innerHTML.replaceAll("__prefix__", this.total.value);
      const holder = document.createElement("tbody");
      holder.innerHTML = markup;
      const row = holder.firstElementChild;
      this.$refs.body.append(row);
      this.total.value = Number(this.total.value) + 1;
      window.htmx.process(row);
      this.number();
      return row;
    },

    add() {
      this.cells(this.append())[0].focus();
    },

    // Goods of one delivery go to one place more often than not: a line that is begun takes it from the one above.
    carry(cell) {
      const row = cell.closest("[data-line]");
      const above = this.rows()[this.rows().indexOf(row) - 1];
      if (!above || cell !== this.cells(row)[0] || !cell.value || row.dataset.carried) return;
      row.dataset.carried = "1";
      for (const field of row.querySelectorAll("[data-carries]")) {
        const from = above.querySelector(`[name$="-${field.name.split("-").at(-1)}"]`);
        if (!field.value) field.value = from?.value || "";
      }
    },

    // A removed line is kept as a deleted one, so that the numbers of the others, and their errors, stay right.
    remove(row) {
      const rows = this.rows();
      const next = rows[rows.indexOf(row) + 1] || rows[rows.indexOf(row) - 1] || this.append();
      row.querySelector('[name$="-DELETE"]').value = "on";
      row.hidden = true;
      this.number();
      this.cells(next)[0].focus();
      this.changed();
    },

    // A copy stands last, so that no line that is there gets another number.
    copy(row, column) {
      const made = this.cells(this.append());
      this.cells(row).forEach((cell, at) => {
        if (cell.type === "checkbox") made[at].checked = cell.checked;
        else made[at].value = cell.value;
      });
      made[Math.max(column, 0)].focus();
      this.changed();
    },

    changed() {
      const form = this.$el.closest("form");
      if (!form) return;
      form.dataset.touched = "1";
      this.total.dispatchEvent(new Event("change", { bubbles: true }));
    },

    // Up and down go from line to line; they keep their own meaning in an open picker and where they choose a value.
    onKey(event) {
      const row = event.target.closest("[data-line]");
      if (!row) return;
      const column = this.cells(row).indexOf(event.target);
      const command = event.ctrlKey || event.metaKey;
      if (command && event.key === "d") {
        event.preventDefault();
        this.copy(row, column);
      } else if (command && event.shiftKey && event.key === "Backspace") {
        event.preventDefault();
        this.remove(row);
      } else if (event.key === "Enter" && !command && !event.target.matches("button")) {
        event.preventDefault();
        this.onward(row, column);
      } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !command && !event.defaultPrevented && !event.altKey) {
        this.step(event, row, column);
      }
    },

    onward(row, column) {
      const next = this.cells(row)[column + 1];
      if (next) {
        next.focus();
        return;
      }
      const rows = this.rows();
      const below = rows[rows.indexOf(row) + 1] || this.append();
      this.cells(below)[0].focus();
    },

    step(event, row, column) {
      const picking = event.target.getAttribute("aria-expanded") === "true";
      if (column < 0 || picking || event.target.matches("select, textarea, [type=date], [type=datetime-local]")) return;
      const rows = this.rows();
      const next = rows[rows.indexOf(row) + (event.key === "ArrowDown" ? 1 : -1)];
      if (!next) return;
      event.preventDefault();
      this.cells(next)[column].focus();
    },

    // Cells of a spreadsheet fill the lines from here on, to the right and down; lines are added as they are needed.
    onPaste(event) {
      const text = event.clipboardData.getData("text/plain");
      if (!text.includes("\t") && !text.trim().includes("\n")) return;
      event.preventDefault();
      let row = event.target.closest("[data-line]");
      const column = this.cells(row).indexOf(event.target);
      const filled = [];
      for (const line of spreadsheetRows(text)) {
        row ??= this.append();
        const cells = this.cells(row).slice(column);
        line.slice(0, cells.length).forEach((value, at) => {
          fillCell(cells[at], value);
          filled.push(cells[at]);
        });
        const rows = this.rows();
        row = rows[rows.indexOf(row) + 1] ?? null;
      }
      filled.at(-1)?.focus();
      filled.forEach((cell) => cell.dispatchEvent(new Event("change", { bubbles: true })));
      this.changed();
    },
  };
}

/** Rows and cells of what a spreadsheet puts on the clipboard: a cell with a line break or tab in it is quoted. */
function spreadsheetRows(text) {
  const rows = [[]];
  const cell = /("(?:[^"]|"")*"|[^\t\n]*)(\t|\n|$)/gy;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let found = cell.exec(source); found; found = cell.exec(source)) {
    const raw = found[1];
    const quoted = raw.length > 1 && raw.startsWith('"') && raw.endsWith('"');
    rows.at(-1).push((quoted ? raw.slice(1, -1).replaceAll('""', '"') : raw).replace(/\s+/g, " ").trim());
    if (found[2] === "\n") rows.push([]);
    if (found[2] === "") break;
  }
  return rows;
}

/** A value as the cell takes it: a choice by its value or its words, a day as 2026-03-31 or 31.03.2026. */
function fillCell(cell, value) {
  if (cell.matches("select")) {
    const wanted = value.toLowerCase();
    const option = [...cell.options].find((one) => one.value.toLowerCase() === wanted || one.text.trim().toLowerCase() === wanted);
    if (option) cell.value = option.value;
    return;
  }
  if (cell.type === "checkbox") {
    cell.checked = /^(1|x|y|yes|true|ja|j|wahr)$/i.test(value);
    return;
  }
  const day = cell.type === "date" && /^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})$/.exec(value);
  cell.value = day ? `${day[3]}-${day[2].padStart(2, "0")}-${day[1].padStart(2, "0")}` : value;
}

function shellPart() {
  return {
    open: false,
    // On a narrow screen the navigation lies over the page: the focus goes in, Escape closes it and gives the focus back.
    init() {
      this.$el.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && !this.$el.querySelector("details.menu[open]")) this.shut();
      });
    },
    toggle() {
      if (this.open) return this.shut();
      this.open = true;
      this.$nextTick(() => this.$root.querySelector(".side summary").focus());
    },
    shut() {
      if (!this.open) return;
      this.open = false;
      this.$root.querySelector(".drawer-button").focus();
    },
    get openClass() { return this.open ? "is-open" : ""; },
    get expanded() { return String(this.open); },
  };
}

document.addEventListener("alpine:init", () => {
  window.Alpine.data("picker", pickerPart);
  window.Alpine.data("lines", linesPart);
  window.Alpine.data("shell", shellPart);
});

function awake(root) {
  drawCharts(root, false);
  expireToasts(root);
  const first = root.querySelector("[data-autofocus]") || root.querySelector("form[data-guard] [data-line] input");
  if (document.activeElement === document.body) first?.focus(); // who has begun elsewhere is left there
}

/** The way one is on is seen at once, also far down the navigation. */
function showCurrentWay() {
  const way = document.querySelector('.side-nav a[aria-current="page"]');
  const side = way?.closest(".side");
  if (!side) return;
  const below = way.getBoundingClientRect().bottom - side.getBoundingClientRect().bottom;
  if (below > 0) side.scrollTop += below + side.clientHeight / 3;
}

document.addEventListener("DOMContentLoaded", () => { showCurrentWay(); awake(document); });
document.addEventListener("htmx:load", (event) => drawCharts(event.target, false));
