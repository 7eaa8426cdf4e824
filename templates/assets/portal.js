// The portal's script. Every page works without it; this adds what a page cannot do by itself:
// continuing from a link, warning of unsaved changes, showing a password, printing.
"use strict";
(() => {
  const all = (selector) => Array.from(document.querySelectorAll(selector));

  // A link's page continues by itself, once, and only when a person can see it.
  const proceed = document.querySelector("form[data-continue]");
  if (proceed) {
    const go = () => {
      if (document.visibilityState === "visible" && !document.prerendering) {
        document.removeEventListener("visibilitychange", go);
        document.removeEventListener("prerenderingchange", go);
        proceed.requestSubmit();
      }
    };
    document.addEventListener("visibilitychange", go);
    document.addEventListener("prerenderingchange", go);
    // Coming back with the browser's back button must not send the reader on again.
    const [entry] = performance.getEntriesByType("navigation");
    if (!entry || entry.type !== "back_forward") go();
  }

  // What is wrong is read out and shown first.
  document.querySelector("[data-focus]")?.focus();

  // "Saved" is said once; reloading does not repeat it.
  if (document.querySelector("[data-saved]")) {
    history.replaceState(null, "", location.pathname);
  }

  // The present section is in view on a phone.
  const tabs = document.querySelector(".tabs");
  const current = tabs?.querySelector("[aria-current]");
  if (current) {
    tabs.scrollLeft += current.getBoundingClientRect().left - (tabs.clientWidth - current.offsetWidth) / 2;
  }

  for (const form of all("form[data-unsaved]")) {
    const state = () => new URLSearchParams(new FormData(form)).toString();
    // A form that came back with mistakes is unsaved from the start.
    const clean = document.querySelector("[data-focus]") ? null : state();
    let leaving = false;
    form.addEventListener("submit", () => { leaving = true; });
    addEventListener("beforeunload", (event) => {
      if (!leaving && state() !== clean) event.preventDefault();
    });
    addEventListener("pageshow", () => { leaving = false; });
  }

  for (const button of all("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }

  for (const button of all("[data-reveal]")) {
    const input = document.getElementById(button.dataset.reveal);
    const show = button.textContent;
    button.hidden = false;
    button.addEventListener("click", () => {
      const revealed = input.type === "password";
      input.type = revealed ? "text" : "password";
      button.textContent = revealed ? button.dataset.hide : show;
      input.focus();
    });
  }

  // The password's rule is ticked as soon as it is met.
  for (const input of all("[data-least]")) {
    const hint = document.getElementById("h-password");
    const tell = () => hint.classList.toggle("met", Array.from(input.value).length >= Number(input.dataset.least));
    input.addEventListener("input", tell);
    tell();
  }
})();
