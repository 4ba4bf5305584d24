// The little that the pages do by themselves. Without it they still work: every action is a form, every view an address.

// News of the shop's log, as they are written: parts of a page that say hx-trigger="news from:body" ask anew.
const live = document.querySelector("[data-live]");
if (live && "EventSource" in window) {
  const source = new EventSource(live.dataset.live);
  const show = (state) => document.documentElement.setAttribute("data-line", state);
  // At most three times a second, and never without what came last: news that come in between are told together, later.
  let next = 0;
  let waits = false;
  const tell = () => {
    if (waits) return;
    waits = true;
    setTimeout(() => {
      waits = false;
      next = Date.now() + 300;
      document.body.dispatchEvent(new CustomEvent("news"));
    }, Math.max(0, next - Date.now()));
  };
  // What happened between the page and its line, or while the line was lost, is caught up with at once.
  source.addEventListener("open", () => {
    show("open");
    tell();
  });
  source.addEventListener("error", () => show("lost"));
  source.addEventListener("news", tell);
  addEventListener("pagehide", () => source.close());
}

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-opens], [data-closes], [data-print]");
  // Menus are <details>: a click elsewhere closes them.
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (!pressed) return;
  if (pressed.dataset.opens) {
    const dialog = document.getElementById(pressed.dataset.opens);
    if (dialog) dialog.showModal();
  } else if ("closes" in pressed.dataset) {
    pressed.closest("dialog").close();
  } else {
    print();
  }
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const search = document.querySelector("input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  } else if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) menu.open = false;
  }
});

// A filter that is chosen is applied at once.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-instant]");
  if (form) form.requestSubmit();
});

// What was typed comes back with a refusal: the form is opened again as it was sent, and the refusal stands in it.
const TYPED = "balcao-typed";
const UNKEPT = ["submit", "button", "password", "file"];
const isTicked = (field) => field.type === "checkbox" || field.type === "radio";
const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.name !== "csrf" && !UNKEPT.includes(field.type));
const identityOf = (form) => JSON.stringify([form.getAttribute("action"), ...fieldsOf(form).map((field) => [field.name, field.type === "hidden" && field.value])]);
const keepTyped = (form) => {
  const typed = fieldsOf(form).map((field) => (isTicked(field) ? field.checked : field.value));
  sessionStorage.setItem(TYPED, JSON.stringify({ identity: identityOf(form), typed }));
};
const giveBackTyped = () => {
  const kept = JSON.parse(sessionStorage.getItem(TYPED) ?? "null");
  sessionStorage.removeItem(TYPED);
  const refusal = document.querySelector("main > .notice-danger");
  const form = refusal && kept && [...document.querySelectorAll("form[method=post]")].find((each) => identityOf(each) === kept.identity);
  if (!form) return;
  fieldsOf(form).forEach((field, n) => {
    field[isTicked(field) ? "checked" : "value"] = kept.typed[n];
  });
  const dialog = form.closest("dialog");
  const fold = form.closest("details");
  if (dialog) dialog.showModal();
  if (fold && !("menu" in fold.dataset)) fold.open = true;
  const first = fieldsOf(form).find((field) => field.type !== "hidden");
  if (!first) return;
  form.prepend(refusal);
  first.focus();
};
try {
  giveBackTyped();
} catch {
  // A browser that keeps nothing shows the refusal on the page.
}

// What was pressed twice by mistake is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 3000);
  try {
    if (!form.hasAttribute("hx-post")) keepTyped(form);
  } catch {
    // It is sent all the same.
  }
});

// Scans are heard, too: one high tone when it is right, two low ones when it is not. The next scan goes where the last one went.
const play = (tones) => {
  try {
    const sound = new AudioContext();
    tones.forEach((pitch, n) => {
      const tone = sound.createOscillator();
      tone.frequency.value = pitch;
      tone.connect(sound.destination);
      tone.start(sound.currentTime + n * 0.18);
      tone.stop(sound.currentTime + n * 0.18 + 0.14);
    });
  } catch {
    // A browser that plays nothing still shows it.
  }
};
document.addEventListener("htmx:after:swap", () => {
  const heard = document.querySelector("[data-heard]:not([data-played])");
  if (heard) {
    heard.dataset.played = "yes";
    play(heard.dataset.heard === "success" ? [1320] : [220, 180]);
  }
  const scan = document.querySelector("[data-scan]");
  if (scan && (heard || document.activeElement === document.body)) scan.focus();
});
