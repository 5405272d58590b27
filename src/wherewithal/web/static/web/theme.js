// Runs before the page is drawn, so that a chosen theme never flashes. Without a choice the system decides.
(function () {
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.setAttribute("data-bs-theme", chosen);
  } catch {
    // Storage may be refused; the system's theme is right then.
  }
})();
