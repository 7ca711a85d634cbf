// Positions and presses on the page of a visit. Without this file everything works by the spoken
// code, where there is network.
//
// form[data-position]: when it is sent, the phone is asked where it is, and the answer goes along
// in the form's hidden fields. No answer within ten seconds: the form goes without.
// [data-send]: while the page is open, between data-from and data-until, the position is sent
// there every two minutes. A phone that is locked sends nothing, and nobody minds.
// form[data-keep]: without network the press is kept on this phone, with its hour, and sent as soon
// as there is network, in order; the server takes each once. [data-kept] shows what waits.
(() => {
  "use strict";
  const ASK = { enableHighAccuracy: true, timeout: 10000, maximumAge: 15000 };
  const EVERY_MILLISECONDS = 120000;

  const fields = (found) => ({
    latitude: found.coords.latitude,
    longitude: found.coords.longitude,
    accuracy: Math.ceil(found.coords.accuracy),
    device_at: new Date(found.timestamp).toISOString(),
  });

  const ask = () =>
    new Promise((resolve) => {
      if (!navigator.geolocation) {
        resolve(null);
        return;
      }
      navigator.geolocation.getCurrentPosition(
        (found) => resolve(fields(found)),
        () => resolve(null),
        ASK,
      );
    });

  // --- presses that had no network ---
  const KEPT = "kyojo-kept";
  const TRY_EVERY_MILLISECONDS = 30000;
  const PING_MILLISECONDS = 5000;

  const kept = () => {
    try {
      return JSON.parse(localStorage.getItem(KEPT)) || [];
    } catch {
      return [];
    }
  };
  const keptSet = (presses) => {
    if (presses.length) localStorage.setItem(KEPT, JSON.stringify(presses));
    else localStorage.removeItem(KEPT);
  };

  const isOnline = async () => {
    if (!navigator.onLine) return false;
    try {
      const signal = AbortSignal.timeout(PING_MILLISECONDS);
      await fetch("/manifest.webmanifest", { method: "HEAD", cache: "no-store", signal });
      return true;
    } catch {
      return false;
    }
  };

  // A photo is made smaller first: what a phone keeps for a page is little.
  const LONGEST_PIXELS = 1280;
  const shrunk = async (file) => {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_PIXELS / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL("image/jpeg", 0.8);
  };

  const keep = async (form) => {
    const sent = Object.fromEntries(new FormData(form));
    delete sent.csrfmiddlewaretoken;
    const at = new Date().toISOString();
    const press = { url: form.getAttribute("action"), what: form.dataset.keep, at };
    const file = Object.entries(sent).find(([, value]) => value instanceof File);
    try {
      if (file) {
        delete sent[file[0]];
        press.file = { name: file[0], data: await shrunk(file[1]) };
      }
      // The hour of the press, not of the position, which may be some seconds older.
      const nonce = sent.nonce || crypto.randomUUID();
      press.fields = { ...sent, device_at: at, kept: "1", nonce };
      keptSet([...kept(), press]);
    } catch {
      box.hidden = false;
      box.querySelector("[data-kept-words]").textContent =
        "写真を書きとめられませんでした。電波のとどくところで、もう一度送ってください。";
      return;
    }
    if (file) {
      form.reset();
      form.elements.nonce.value = crypto.randomUUID();
    }
    keptShow();
  };

  const bodyOf = (press) => {
    if (!press.file) return new URLSearchParams(press.fields);
    const body = new FormData();
    for (const [name, value] of Object.entries(press.fields)) body.append(name, value);
    const bytes = Uint8Array.from(atob(press.file.data.split(",")[1]), (c) => c.charCodeAt(0));
    body.append(press.file.name, new Blob([bytes], { type: "image/jpeg" }), "photo.jpg");
    return body;
  };

  const box = document.querySelector("[data-kept]");
  const WORDS = { start: "着きました", end: "終わりました", photo: "写真" };

  const keptShow = (refused = "") => {
    if (!box) return;
    const mine = kept().filter((press) => press.url.includes(box.dataset.kept));
    box.hidden = !mine.length && !refused;
    const list = box.querySelector("[data-kept-list]");
    list.replaceChildren(
      ...mine.map((press) => {
        const item = document.createElement("li");
        const hour = new Date(press.at).toLocaleTimeString("ja-JP", { hour: "numeric", minute: "2-digit" });
        item.textContent = `${hour} ${WORDS[press.what]}`;
        return item;
      }),
    );
    const words = box.querySelector("[data-kept-words]");
    if (refused) {
      words.textContent = `${refused} 書きとめた記録は受け取れませんでした。センターにお電話ください。`;
    }
    const done = mine.map((press) => press.what).filter((what) => what !== "photo");
    document.querySelector("[data-now]").hidden = done.length > 0;
    const end = box.querySelector("[data-kept-end]");
    const isBetween = done.includes("start") && !done.includes("end");
    if (end) end.hidden = !isBetween;
    const photo = document.querySelector("[data-kept-photo]");
    if (photo) photo.hidden = !isBetween;
  };

  let isSendingKept = false;
  const keptSend = async () => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    if (isSendingKept || !token || !kept().length || !(await isOnline())) return;
    isSendingKept = true;
    let refused = "";
    let arrived = 0;
    try {
      for (let press = kept()[0]; press; press = kept()[0]) {
        const answer = await fetch(press.url, {
          method: "POST",
          headers: { "X-CSRFToken": token.value, "X-Kept": "1" },
          redirect: "manual",
          body: bodyOf(press),
        });
        const isJson = (answer.headers.get("Content-Type") || "").startsWith("application/json");
        // Logged out, or the server is in trouble: it stays here until it can be taken.
        if (!isJson) break;
        const said = await answer.json();
        if (!answer.ok) refused = said.said;
        else arrived += 1;
        keptSet(kept().slice(1));
      }
    } catch {
      // The network went again: what is left stays here.
    } finally {
      isSendingKept = false;
    }
    if (refused) keptShow(refused);
    else if (arrived) location.reload();
    else keptShow();
  };

  if (document.querySelector("[data-keep]")) {
    if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
    keptShow();
    keptSend();
    window.addEventListener("online", keptSend);
    setInterval(keptSend, TRY_EVERY_MILLISECONDS);
  }

  for (const form of document.querySelectorAll("form[data-position], form[data-keep]")) {
    let asking = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (asking) return;
      asking = true;
      form.setAttribute("aria-busy", "true");
      const found = "position" in form.dataset ? await ask() : null;
      if (found) {
        for (const [name, value] of Object.entries(found)) {
          if (form.elements[name]) form.elements[name].value = value;
        }
      }
      if ("keep" in form.dataset && !(await isOnline())) {
        await keep(form);
        asking = false;
        form.removeAttribute("aria-busy");
        return;
      }
      form.submit();
    });
  }

  const sending = document.querySelector("[data-send]");
  if (!sending) return;
  const from = Date.parse(sending.dataset.from);
  const until = Date.parse(sending.dataset.until);
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  let timer = 0;

  const send = async () => {
    const now = Date.now();
    if (now > until) {
      clearInterval(timer);
      return;
    }
    if (now < from || document.hidden) return;
    const found = await ask();
    if (!found) return;
    const body = new URLSearchParams({ ...found, nonce: crypto.randomUUID() });
    try {
      const answer = await fetch(sending.dataset.send, {
        method: "POST",
        headers: { "X-CSRFToken": token },
        body,
      });
      if (answer.status === 205) clearInterval(timer);
    } catch {
      // No network here: the next round tries again, and the gap accuses nobody.
    }
  };

  timer = setInterval(send, EVERY_MILLISECONDS);
  send();
})();
