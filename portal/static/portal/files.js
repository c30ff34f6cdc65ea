/* Files by drag, by paste and by choice. Without it the plain field does the work.
   On the report's page of files ([data-ahead]) each file is sent at once; what has not arrived when
   the person goes on is sent with the form, so nobody waits and nothing is lost. */
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

  const say = (row, words) => {
    row.querySelector("[data-words]").textContent = words;
  };

  const sendAhead = (box, input, file) => {
    const row = box.querySelector("template").content.firstElementChild.cloneNode(true);
    row.querySelector("[data-name]").textContent = file.name;
    const bar = row.querySelector("progress");
    box.nextElementSibling.append(row);
    // What arrived, or can never arrive, does not go with the form again.
    const finish = (words, isProblem) => {
      bar.remove();
      input.files = only([...input.files].filter(each => each !== file));
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
    const isAhead = "ahead" in box.dataset;
    box.querySelector("[data-scripted]").hidden = false;

    const take = files => {
      const fresh = [...files].map(named);
      input.files = only([...input.files, ...fresh]);
      if (isAhead) for (const file of fresh) sendAhead(box, input, file);
    };
    const refuseDefault = event => {
      event.preventDefault();
      box.classList.toggle("over", event.type === "dragover");
    };
    for (const kind of ["dragover", "dragleave", "drop"]) box.addEventListener(kind, refuseDefault);
    box.addEventListener("drop", event => take(event.dataTransfer.files));
    document.addEventListener("paste", event => {
      if (event.clipboardData.files.length) take(event.clipboardData.files);
    });
    if (isAhead) {
      input.addEventListener("change", () => {
        for (const file of input.files) sendAhead(box, input, file);
      });
    }
  }
}
