// Asking for help without waiting. Without this file the button is an ordinary form.
//
// form[data-sos]: sent at once, without asking the phone where it is. No network: [data-sos-words]
// says to call, and it is sent again and again until it arrives; the server takes it once.
// [data-sos-position]: after the press, where the phone is, sent there now and once a minute.
(() => {
  "use strict";
  const ANSWER_MILLISECONDS = 8000;
  const AGAIN_MILLISECONDS = 5000;
  const POSITION_MILLISECONDS = 60000;
  const ASK = { enableHighAccuracy: true, timeout: 20000, maximumAge: 10000 };

  for (const form of document.querySelectorAll("form[data-sos]")) {
    if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
    const words = form.querySelector("[data-sos-words]");
    let timer = 0;
    let isSending = false;

    const send = async () => {
      if (isSending) return;
      isSending = true;
      try {
        const answer = await fetch(form.action, {
          method: "POST",
          body: new URLSearchParams(new FormData(form)),
          signal: AbortSignal.timeout(ANSWER_MILLISECONDS),
        });
        clearInterval(timer);
        location.assign(answer.ok ? answer.url : form.action);
      } catch {
        if (words) words.hidden = false;
        if (!timer) timer = setInterval(send, AGAIN_MILLISECONDS);
      } finally {
        isSending = false;
      }
    };

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send();
    });
    window.addEventListener("online", () => {
      if (timer) send();
    });
  }

  const place = document.querySelector("[data-sos-position]");
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  if (!place || !token || !navigator.geolocation) return;
  const tell = () =>
    navigator.geolocation.getCurrentPosition(
      (found) =>
        fetch(place.dataset.sosPosition, {
          method: "POST",
          headers: { "X-CSRFToken": token.value },
          body: new URLSearchParams({
            latitude: found.coords.latitude,
            longitude: found.coords.longitude,
            accuracy: Math.ceil(found.coords.accuracy),
          }),
        }).catch(() => {}),
      () => {},
      ASK,
    );
  tell();
  setInterval(tell, POSITION_MILLISECONDS);
})();
