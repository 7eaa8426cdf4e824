// What script adds to the staff console; every page works without it (forms post, menus are details/summary).
// Behaviours attach by data attribute through delegation, so that panels loaded later have them too.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const live = $("#live");
  const say = (text) => { if (live) { live.textContent = ""; setTimeout(() => { live.textContent = text; }, 30); } };

  // --- Menus: details/summary, with the keys of a menu button.
  const items = (menu) => $$(".list a, .list button", menu);
  const closeMenus = (except) => $$("details.menu[open]").forEach((menu) => { if (menu !== except) menu.open = false; });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("focusin", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details.menu");
    if (!menu) return;
    const all = items(menu), at = all.indexOf(document.activeElement);
    const onButton = event.target.tagName === "SUMMARY";
    if (event.key === "Escape" && menu.open) { menu.open = false; $("summary", menu).focus(); event.stopPropagation(); event.preventDefault(); return; }
    if (onButton && event.key === "ArrowDown") { menu.open = true; items(menu)[0]?.focus(); event.preventDefault(); return; }
    if (!menu.open || onButton) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) { all[(to + all.length) % all.length]?.focus(); event.preventDefault(); }
  });

  // --- Dialog: an Actions panel opens over the profile instead of as a page of its own.
  const dialog = $("#panel-dialog");
  let opener = null;
  const showPanel = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const panel = $("[data-panel]", page);
    const focused = document.activeElement?.id;
    $("#panel-title", dialog).textContent = panel ? panel.dataset.title : $("h1", page)?.textContent ?? page.title;
    // A page that is no panel is a failure: its words are what there is to say.
    $(".body", dialog).replaceChildren(...(panel ? [panel] : $$("main p", page)).map((node) => document.importNode(node, true)));
    if (!dialog.open) dialog.showModal();
    const keep = focused && document.getElementById(focused);
    (keep && dialog.contains(keep) ? keep : $("#panel-title", dialog)).focus();
    const notice = $(".notice", dialog);
    if (notice) say(notice.textContent);
  };
  const post = async (form, button) => {
    const body = new URLSearchParams(new FormData(form));
    if (button?.name) body.append(button.name, button.value);
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(button?.getAttribute("formaction") || form.action, { method: "POST", body, headers: { accept: "text/html" } });
      if (answer.redirected) { location.assign(answer.url); return; }
      showPanel(await answer.text());
    } catch { form.submit(); } finally { form.removeAttribute("aria-busy"); }
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (dialog && form.matches("[data-panel-form]")) {
      event.preventDefault();
      const menu = form.closest("details.menu");
      if (menu) { opener = $("summary", menu); menu.open = false; }
      post(form, event.submitter);
      return;
    }
    if (form.dataset.confirm && !confirm(form.dataset.confirm)) { event.preventDefault(); return; }
    if (form.target) { // it opens beside this page, which stays and can send it again
      const menu = form.closest("details.menu");
      if (menu) menu.open = false;
      return;
    }
    if (form.method === "post" && !form.dataset.sent) {
      form.dataset.sent = "yes"; // a double click sends once
      event.submitter?.classList.add("busy");
    } else if (form.dataset.sent) event.preventDefault();
  });
  addEventListener("pageshow", () => $$("form[data-sent]").forEach((form) => { delete form.dataset.sent; $$(".busy", form).forEach((b) => b.classList.remove("busy")); }));
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!box.matches("[data-immediate]")) return;
    const form = box.form, button = $(`button[data-immediate-for="${CSS.escape(box.name)}"]`, form);
    if (dialog?.open && dialog.contains(form)) post(form, button); else form.requestSubmit(button);
  });
  $$("[data-close]").forEach((button) => button.addEventListener("click", () => dialog.close()));
  dialog?.addEventListener("close", () => { opener?.focus(); opener = null; });
  dialog?.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  // --- Copy buttons: the words say so, next to the button and in the live region.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    try { await navigator.clipboard.writeText(field.value); }
    catch { field.select(); document.execCommand("copy"); }
    const note = button.closest(".copy").querySelector(".copied");
    note.textContent = "Copied";
    say("Copied to the clipboard");
    clearTimeout(note.timer);
    note.timer = setTimeout(() => { note.textContent = ""; }, 4000);
  });

  // --- Insert Field Value: at the cursor of the field last typed in.
  let target = null;
  document.addEventListener("focusin", (event) => { if (event.target.matches("[data-fields]")) target = event.target; });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    const field = target ?? $("#body");
    if (!field) return;
    field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    closeMenus();
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    say(`${button.dataset.label} inserted`);
  });

  // --- Live preview: the same answer the Preview button gives, a moment after typing stops.
  const editor = $("form[data-preview]");
  if (editor) {
    const into = document.getElementById("preview");
    let timer, turn = 0;
    const refresh = async () => {
      const mine = ++turn;
      try {
        const answer = await fetch(editor.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(editor)), headers: { accept: "text/html" } });
        if (answer.redirected || mine !== turn) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html"), fresh = $("#preview", page);
        if (fresh) into.replaceChildren(...document.importNode(fresh, true).childNodes);
      } catch { /* offline: the last preview stays */ }
    };
    editor.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(refresh, 350); });
  }

  // --- Line editor: one more blank row.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add-row]");
    if (!button) return;
    const body = document.getElementById(button.dataset.addRow), last = body.lastElementChild, row = last.cloneNode(true);
    const index = body.children.length;
    for (const input of $$("input, textarea, select", row)) {
      if (input.type === "checkbox") input.checked = input.defaultChecked; else input.value = "";
      input.name = input.name.replace(/-\d+$/, `-${index}`);
      input.id = input.id.replace(/-\d+$/, `-${index}`);
      input.removeAttribute("aria-invalid");
      const name = input.getAttribute("aria-label");
      if (name) input.setAttribute("aria-label", name.replace(/\d+$/, index + 1));
    }
    body.append(row);
    $("input", row)?.focus();
  });

  // --- Pages that wait: continue by themselves, refresh while work runs.
  const auto = $("form[data-auto]");
  if (auto) auto.requestSubmit();
  const poll = $("[data-poll]");
  if (poll) {
    const tick = async () => {
      try {
        const answer = await fetch(location.href, { headers: { accept: "text/html" } });
        const fresh = $("[data-poll], [data-done]", new DOMParser().parseFromString(await answer.text(), "text/html"));
        if (!fresh) return;
        const here = document.getElementById("progress");
        here.replaceChildren(...document.importNode(fresh, true).childNodes);
        if (fresh.hasAttribute("data-done")) { say("Done"); return; }
      } catch { /* try again */ }
      setTimeout(tick, 1000);
    };
    setTimeout(tick, 700);
  }

  $(".summary")?.focus();
})();
