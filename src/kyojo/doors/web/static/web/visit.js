// Positions on the page of a visit. Without this file everything works by the spoken code.
//
// form[data-position]: when it is sent, the phone is asked where it is, and the answer goes along
// in the form's hidden fields. No answer within ten seconds: the form goes without.
// [data-send]: while the page is open, between data-from and data-until, the position is sent
// there every two minutes. A phone that is locked sends nothing, and nobody minds.
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

  for (const form of document.querySelectorAll("form[data-position]")) {
    let asking = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (asking) return;
      asking = true;
      form.setAttribute("aria-busy", "true");
      const found = await ask();
      if (found) {
        for (const [name, value] of Object.entries(found)) {
          if (form.elements[name]) form.elements[name].value = value;
        }
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
