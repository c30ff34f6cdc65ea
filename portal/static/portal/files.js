/* Files by drag, by paste and by choice. Without it the plain field does the work.
   On the report's page of files ([data-ahead]) each file is sent at once; what has not arrived when
   the person goes on is sent with the form, so nobody waits and nothing is lost.
   The browser's own window replaces what was chosen before, so a list of our own is kept. */
"use strict";
{
  const only = list => {
    const bag = new DataTransfer();
    for (const file of list) bag.items.add(file);
    return bag.files;
  };

  const named = file =>
    file.name && file.name !== "image.png"
      ? file
      : new File([file], `screenshot-${new Date().toISOString().slice(11, 19).replaceAll(":", "")}.png`, { type: file.type });

  const isSame = (one, other) =>
    one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;

  // Word and Excel put a picture of the text beside it; a copied file has its name as text at most.
  const isText = clipboard =>
    clipboard.types.includes("text/plain") &&
    (clipboard.types.includes("text/html") || clipboard.types.includes("text/rtf"));

  const say = (row, words) => {
    row.querySelector("[data-words]").textContent = words;
  };

  const rowFor = (box, file) => {
    const row = box.querySelector("template").content.firstElementChild.cloneNode(true);
    for (const name of row.querySelectorAll("[data-name]")) name.textContent = file.name;
    box.nextElementSibling.append(row);
    return row;
  };

  const list = (box, file, forget) => {
    const row = rowFor(box, file);
    row.querySelector("button").addEventListener("click", () => {
      forget(file);
      row.remove();
      box.querySelector("input[type=file]").focus();
    });
  };

  const sendAhead = (box, file, forget) => {
    const input = box.querySelector("input[type=file]");
    const row = rowFor(box, file);
    const bar = row.querySelector("progress");
    // What arrived, or can never arrive, does not go with the form again.
    const finish = (words, isProblem) => {
      bar.remove();
      forget(file);
      say(row, words);
      row.classList.toggle("field-error", isProblem);
    };
    if (file.size > Number(box.dataset.most)) return finish(box.dataset.large, true);
    const body = new FormData();
    body.append("csrfmiddlewaretoken", input.form.elements.csrfmiddlewaretoken.value);
    body.append(input.name, file);
    const request = new XMLHttpRequest();
    request.open("POST", input.form.action);
    request.setRequestHeader("Accept", "application/json");
    const later = () => {
      bar.remove();
      say(row, box.dataset.later);
    };
    request.upload.onprogress = event => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    };
    request.onload = () => {
      let problems = request.status === 413 ? [box.dataset.failed] : null;
      try { problems ??= JSON.parse(request.responseText).problems; } catch { /* another page */ }
      // Such as the sign-in: the file goes with the form, and the page that follows tells.
      if (!problems) return later();
      finish(problems.length ? problems.join(" ") : box.dataset.sent, problems.length > 0);
    };
    request.onerror = later;
    input.form.addEventListener("submit", () => request.abort());
    request.send(body);
  };

  for (const box of document.querySelectorAll(".drop")) {
    const input = box.querySelector("input[type=file]");
    const show = "ahead" in box.dataset ? sendAhead : list;
    let kept = [];
    box.querySelector("[data-scripted]").hidden = false;

    const keep = files => {
      kept = files;
      input.files = only(kept);
    };
    const forget = file => keep(kept.filter(each => each !== file));
    const take = files => {
      const fresh = [...files].filter(file => !kept.some(each => isSame(each, file)));
      keep([...kept, ...fresh]);
      for (const file of fresh) show(box, file, forget);
    };
    const refuseDefault = event => {
      event.preventDefault();
      box.classList.toggle("over", event.type === "dragover");
    };
    for (const kind of ["dragover", "dragleave", "drop"]) box.addEventListener(kind, refuseDefault);
    box.addEventListener("drop", event => take([...event.dataTransfer.files].map(named)));
    document.addEventListener("paste", event => {
      if (!isText(event.clipboardData)) take([...event.clipboardData.files].map(named));
    });
    input.addEventListener("change", () => take(input.files));
  }
}
