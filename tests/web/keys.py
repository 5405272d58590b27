"""Keys alone, on every page: what can be pressed can be reached, is seen when it is, and what opens is closed again.

Most of it is looked at in the page itself: the way of Tab is the order of the document as long as nothing has an
order of its own. A few real keys then go the first steps. test_manners.py goes the whole way on a page of each kind.
"""

from playwright.sync_api import Page

KEYS = """(shell) => {
  const wrong = [];
  const seen = (element) => element.checkVisibility({visibilityProperty: true})
    && element.getBoundingClientRect().width > 0;
  const name = (element) => element.outerHTML.slice(0, 140);
  const native = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const reachable = native + ", [tabindex='0']";
  // A click on a row or a label is a short cut: there is a control that does the same; options go by the arrows.
  const pressed = "[hx-get], [hx-post], [x-on\\\\:click], [role=button], [role=link], [role=tab], [role=menuitem]";
  const byItself = (element) => element.matches("form, input")
    || (element.hasAttribute("hx-trigger") && !element.getAttribute("hx-trigger").includes("click"));
  for (const element of document.querySelectorAll(pressed))
    if (!element.matches(reachable) && !byItself(element)) wrong.push(`is pressed and not reached: ${name(element)}`);
  for (const element of document.querySelectorAll("[tabindex]")) {
    if (element.tabIndex > 0) wrong.push(`has a turn of its own: ${name(element)}`);
    if (element.tabIndex < 0 && element.matches(native) && !element.matches("[aria-hidden=true]") && seen(element))
      wrong.push(`is left out by Tab: ${name(element)}`);
  }
  const within = shell ? document.body : document.getElementById("main") ?? document.body;
  for (const element of within.querySelectorAll("*")) {
    const style = getComputedStyle(element);
    if ((style.order !== "0" || style.flexDirection.endsWith("reverse")) && element.querySelector(reachable))
      wrong.push(`is not where the order of the page has it: ${name(element)}`);
    if (style.cursor !== "pointer" || getComputedStyle(element.parentElement).cursor === "pointer") continue;
    if (!element.closest(reachable + ", label, [role=option]") && !element.querySelector(reachable) && seen(element))
      wrong.push(`looks as if it could be pressed: ${name(element)}`);
  }
  const look = (element) => { const style = getComputedStyle(element);
    return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor].join(" "); };
  const kinds = new Set();
  for (const element of within.querySelectorAll(reachable)) {
    const kind = [element.tagName, element.type, element.className].join(" ");
    if (kinds.has(kind) || element.disabled || element.tabIndex < 0 || !seen(element)) continue;
    kinds.add(kind);
    element.blur();
    const before = look(element);
    element.focus({focusVisible: true, preventScroll: true});
    if (document.activeElement !== element) wrong.push(`takes no focus: ${name(element)}`);
    else if (look(element) === before) wrong.push(`has the focus unseen: ${name(element)}`);
  }
  for (const menu of within.querySelectorAll("details.menu")) {
    const summary = menu.querySelector("summary");
    if (!seen(summary)) continue;
    summary.focus();
    summary.click();
    if (!menu.open) wrong.push(`does not open: ${name(summary)}`);
    ([...menu.querySelectorAll(reachable)].find((one) => one !== summary && seen(one)) ?? summary).focus();
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape", bubbles: true}));
    if (menu.open || document.activeElement !== summary) wrong.push(`is not left by Escape: ${name(summary)}`);
  }
  const skip = document.querySelector("body > a.skip");
  if (!skip || document.body.querySelector(reachable) !== skip) wrong.push("the first stop does not lead to the content");
  else skip.focus();
  return wrong;
}"""
STEPS = 3
# Where the focus is among what can be reached in the page: -1 is outside.
PLACE = """() => {
  const reachable = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const all = [...document.getElementById("main").querySelectorAll(reachable)].filter((element) =>
    element.tabIndex >= 0 && !element.disabled && element.checkVisibility({visibilityProperty: true})
    && element.getBoundingClientRect().width > 0);
  const at = all.indexOf(document.activeElement);
  const group = document.activeElement.type === "radio" && document.activeElement.name;
  return [group ? all.findIndex((one) => one.name === group) : at, all.length];
}"""


def keys_alone(page: Page, *, shell: bool) -> list[str]:
    """What is wrong for those who have no mouse. `shell`: what stands around every page is looked at too."""
    wrong: list[str] = page.evaluate(KEYS, shell)
    page.keyboard.press("Enter")  # the way past the navigation
    before = -1
    for step in range(STEPS):
        page.keyboard.press("Tab")
        place, count = page.evaluate(PLACE)
        if step == 0 and count and place != 0:
            wrong.append(f"the way past the navigation leads to stop {place} of {count}")
        if place < before and before != count - 1:
            wrong.append(f"Tab leads from stop {before} to {place} of {count}")
        before = max(place, before)
    return wrong
