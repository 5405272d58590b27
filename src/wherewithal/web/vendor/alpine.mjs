// Alpine in the build that needs no eval. app.js registers its components on `alpine:init`, so Alpine starts
// only after every deferred script has run.
import Alpine from "@alpinejs/csp";

window.Alpine = Alpine;
document.addEventListener("DOMContentLoaded", () => Alpine.start());
