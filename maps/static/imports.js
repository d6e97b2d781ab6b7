/**
 * How does loading feel with scripts? Dropping a file, seeing how much of it is sent, and how far the work on it is.
 *
 * Everything works without this: the forms are plain, and a page whose work is not done renews itself.
 */

import { loadMessages, t } from "./messages.js";

const MB = 1024 * 1024;
const EVERY_MS = 700;

for (const form of document.querySelectorAll("form[data-send]")) prepare(form);
const work = document.querySelector("[data-progress]");
if (work) loadMessages(document.body.dataset.messages, document.documentElement.lang).then(() => follow(work));
const answers = document.getElementById("answers");
if (answers) watch(answers);
const register = document.querySelector("select[data-register]");
if (register) {
  register.addEventListener("change", () => fit(register));
  fit(register);
}

/** Only boundaries have a kind of territory. */
function fit(select) {
  for (const part of document.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(select.value);
}

function prepare(form) {
  const drop = form.querySelector("[data-drop]");
  const input = drop.querySelector("input[type=file]");
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => (event.preventDefault(), drop.classList.add("over")));
  }
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change"));
  });
  input.addEventListener("change", () => choose(form, input));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (fits(form, input)) send(form);
  });
}

function choose(form, input) {
  const chosen = form.querySelector("[data-chosen]");
  chosen.hidden = input.files.length === 0;
  chosen.textContent = [...input.files].map((file) => `${file.name} (${(file.size / MB).toFixed(1)} MB)`).join(", ");
  fits(form, input);
}

/** A file above the cap is not sent at all: it would only be refused at its end. */
function fits(form, input) {
  const limit = Number(form.dataset.limitMb);
  const size = [...input.files].reduce((sum, file) => sum + file.size, 0);
  const problem = size > limit * MB ? t("The file is larger than {limit} MB, the most a browser may send (OKRUGA_UPLOAD_MAX_MB).", { limit }) : "";
  complain(form, problem);
  return !problem;
}

function complain(form, problem) {
  const place = form.querySelector("[data-problem]");
  place.hidden = !problem;
  place.textContent = problem;
}

/** Send with a bar; the answer is the page of the file, or a sentence why not. */
function send(form) {
  const [box, button] = [form.querySelector("[data-sending]"), form.querySelector("button[type=submit]")];
  const [bar, told] = [box.querySelector("progress"), box.querySelector("[data-told]")];
  const ask = new XMLHttpRequest();
  ask.open("POST", form.action);
  ask.setRequestHeader("Accept", "text/html, application/json;q=0.5");
  ask.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = total ? (100 * loaded) / total : 0;
    told.textContent = t("{done} of {all} MB", { done: (loaded / MB).toFixed(1), all: (total / MB).toFixed(1) });
  });
  const fail = (problem) => {
    box.hidden = true;
    button.disabled = false;
    complain(form, problem || t("The file could not be sent. Check the connection and send it again."));
  };
  ask.addEventListener("error", () => fail(""));
  ask.addEventListener("load", () => (ask.status < 400 ? window.location.assign(ask.responseURL) : fail(reason(ask.responseText))));
  box.hidden = false;
  button.disabled = true;
  complain(form, "");
  ask.send(new FormData(form));
}

/** What the service said, out of its page. */
function reason(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const said = [...page.querySelectorAll(".error-box p:not(.error-status, .or)")];
  return said.map((each) => each.textContent.trim()).filter(Boolean).join(" ");
}

/** Ask how far the work is until it is done, then show what came of it. */
async function follow(box) {
  const [bar, told] = [box.querySelector("[data-bar]"), box.querySelector("[data-told]")];
  for (;;) {
    try {
      const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
      if (!answer.ok) return window.location.reload();
      const { working, title, done, of } = await answer.json();
      if (!working) return window.location.reload();
      told.textContent = of > 0 ? t("{title}: {done} of {all}", { title, done, all: of }) : title;
      if (of > 0) Object.assign(bar, { max: of, value: Math.min(done, of) });
      else bar.removeAttribute("value");
    } catch {
      told.textContent = t("The service does not answer; asking again.");
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

/** What was changed and not looked at again must not be loaded as it was. */
function watch(form) {
  const load = document.querySelector("[data-load]");
  const note = document.querySelector("[data-changed]");
  const changed = ({ target }) => {
    if (target.form !== form) return;
    if (target.dataset.stated) choosing(form, target);
    if (!load) return;
    load.disabled = true;
    note.hidden = false;
  };
  document.addEventListener("input", changed);
  // an answer above and the field below say the same: only one of them is sent
  for (const stated of form.querySelectorAll("[data-stated]")) stated.disabled = true;
  document.addEventListener("change", ({ target }) => {
    if (target.type !== "radio" || target.form !== form) return;
    const stated = form.querySelector(`[data-stated="${CSS.escape(target.name)}"]`);
    if (stated) stated.disabled = !("other" in target.dataset);
    if (stated && !stated.disabled) {
      stated.closest("details")?.setAttribute("open", "");
      stated.focus();
    }
  });
}

function choosing(form, stated) {
  for (const radio of document.querySelectorAll(`input[type=radio][name="${CSS.escape(stated.name)}"]`)) {
    if (radio.form === form && "other" in radio.dataset) radio.checked = true;
  }
}
