// What script adds to the host's own public pages: a page whose only button continues presses it by itself.
// Without script the person presses it.
"use strict";
document.querySelector("form[data-auto]")?.requestSubmit();
