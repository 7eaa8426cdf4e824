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

  // What is wrong is read out and shown first; a page that asks for a code is ready for it.
  (document.querySelector("[data-focus]") ?? document.querySelector("[data-code]"))?.focus();

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
    const hide = () => {
      input.type = "password";
      button.textContent = show;
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      if (input.type === "password") {
        input.type = "text";
        button.textContent = button.dataset.hide;
      } else {
        hide();
      }
      input.focus();
    });
    // What leaves is a password again, so that browsers offer to keep it and never show it.
    input.form?.addEventListener("submit", hide);
  }

  // The rules of a new password are ticked one by one while it is typed. How many are left is
  // said politely, once the typing pauses; the server has the last word on all of them.
  for (const list of all("[data-password-rules]")) {
    const input = document.getElementById(list.dataset.passwordRules);
    const live = list.parentElement.querySelector("[aria-live]");
    const length = (text) => Array.from(text).length;
    const same = (a, b) => a !== "" && a.trim().toLowerCase() === b.trim().toLowerCase();
    const names = () => {
      const email = input.form.querySelector("[autocomplete='username']");
      return [list.dataset.company, email?.value ?? ""];
    };
    const met = (rule) => (rule.dataset.least
      ? length(input.value) >= Number(rule.dataset.least)
      : input.value !== "" && !names().some((name) => same(name, input.value)));
    let pause;
    const tell = () => {
      const rules = Array.from(list.querySelectorAll("[data-rule]"));
      const left = rules.filter((rule) => !rule.classList.toggle("met", met(rule)));
      clearTimeout(pause);
      pause = setTimeout(() => {
        if (live && input.value !== "") live.textContent = left.map((rule) => rule.textContent.trim()).join(" ") || live.dataset.done;
      }, 700);
    };
    input.form.addEventListener("input", tell);
    tell();
  }

  // A code is digits: what came with it when it was pasted is left out.
  for (const input of all("[data-code]")) {
    input.addEventListener("input", () => {
      const digits = input.value.replace(/\D/g, "").slice(0, 6);
      if (digits !== input.value) input.value = digits;
    });
  }
})();
