// The one button of a receipt that is shown on a screen.
document.getElementById("print")?.addEventListener("click", () => window.print());
