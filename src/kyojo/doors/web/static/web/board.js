// The coordinator's board: somebody's card that is dragged onto a request opens the page that asks
// whether to settle them, as the button on the card does. Nothing is settled here.
//
// [data-who]: a card, "municipality/uid". [data-drop]: a request, with the address that who is put
// behind; [data-fits]: who can come for it.
(() => {
  "use strict";
  const board = document.querySelector("[data-board]");
  if (!board) return;
  const requests = [...board.querySelectorAll("[data-drop]")];
  let held = "";

  const show = () => {
    for (const request of requests) {
      const fits = held !== "" && request.dataset.fits.split(" ").includes(held);
      request.classList.toggle("board__request--fits", fits);
      request.querySelector("[data-yes]").hidden = !fits;
    }
  };

  const letGo = () => {
    held = "";
    show();
    for (const request of requests) request.classList.remove("board__request--over");
  };

  for (const card of board.querySelectorAll("[data-who]")) {
    card.draggable = true;
    card.addEventListener("dragstart", (event) => {
      held = card.dataset.who;
      event.dataTransfer.effectAllowed = "link";
      event.dataTransfer.setData("text/plain", held);
      // The page may change its shape only after the browser has taken the card's picture.
      setTimeout(show, 0);
    });
    card.addEventListener("dragend", letGo);
  }

  for (const request of requests) {
    request.addEventListener("dragover", (event) => {
      if (held === "") return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "link";
      request.classList.add("board__request--over");
    });
    request.addEventListener("dragleave", (event) => {
      if (request.contains(event.relatedTarget)) return;
      request.classList.remove("board__request--over");
    });
    request.addEventListener("drop", (event) => {
      if (held === "") return;
      event.preventDefault();
      const address = `${request.dataset.drop}${held}/`;
      letGo();
      window.location.assign(address);
    });
  }

  // A finger scrolls: on a phone there is nothing to drag with.
  if (!window.matchMedia("(pointer: fine)").matches) return;
  for (const help of document.querySelectorAll("[data-drag-help]")) help.hidden = false;
})();
