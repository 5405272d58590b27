// Runs before the page is drawn, so that a chosen theme or row height never flashes. Without a choice the system decides.
(function () {
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.setAttribute("data-bs-theme", chosen);
    if (localStorage.getItem("density") === "dense") document.documentElement.setAttribute("data-density", "dense");
  } catch {
    // Storage may be refused; the system's theme is right then.
  }
})();
