/* Passkeys: ties the page's button to django-allauth's ceremony. The only pages of the house that
   need JavaScript, because browsers offer passkeys to scripts alone. */
(function () {
  'use strict'
  const ids = { credential: 'passkey_credential', data: 'passkey_data' }
  const start = {
    passkey: () => window.allauth.webauthn.forms.loginForm({
      ids: { login: 'passkey_button', credential: ids.credential }
    }),
    passkey_add: () => window.allauth.webauthn.forms.addForm({
      ids: { add: 'passkey_button', passwordless: 'passkey_passwordless', ...ids }
    }),
    passkey_prove: () => window.allauth.webauthn.forms.authenticateForm({
      ids: { authenticate: 'passkey_button', ...ids }
    })
  }
  document.addEventListener('allauth.error', function (event) {
    event.preventDefault()
    document.getElementById('passkey_error').hidden = false
  })
  for (const id of Object.keys(start)) {
    if (document.getElementById(id)) start[id]()
  }
})()
