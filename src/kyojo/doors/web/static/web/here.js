/* いまの場所を使う: fills the two hidden fields with the phone's position. Without JavaScript the
   button is not shown, and the list above does the same. */
(function () {
  'use strict'
  const box = document.getElementById('here')
  if (!box || !('geolocation' in navigator)) return
  const said = document.getElementById('here_said')
  const near = document.getElementById('id_near')
  box.hidden = false
  document.getElementById('here_button').addEventListener('click', function () {
    navigator.geolocation.getCurrentPosition(function (position) {
      document.getElementById('id_latitude').value = position.coords.latitude.toFixed(6)
      document.getElementById('id_longitude').value = position.coords.longitude.toFixed(6)
      near.value = ''
      said.textContent = said.dataset.done
    }, function () {
      said.textContent = said.dataset.failed
    }, { enableHighAccuracy: true, timeout: 15000 })
  })
})()
