// The browser's conversation with a security key; its answer goes to the server in the form's own field.
(function () {
  "use strict";
  var BINARY = { challenge: true, id: true };

  function bytes(text) {
    var padded = text.replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(atob(padded), function (letter) { return letter.charCodeAt(0); });
  }

  function text(buffer) {
    var letters = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  // The options as the browser wants them: what is written as letters becomes bytes again.
  function unpacked(value, name) {
    if (typeof value === "string") { return BINARY[name] ? bytes(value) : value; }
    if (Array.isArray(value)) { return value.map(function (each) { return unpacked(each); }); }
    if (value === null || typeof value !== "object") { return value; }
    var copy = {};
    Object.keys(value).forEach(function (key) {
      // The id of a site is a name, those of users and keys are bytes.
      copy[key] = name === "rp" ? value[key] : unpacked(value[key], key);
    });
    return copy;
  }

  function packed(credential) {
    var response = {};
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (credential.response[name]) { response[name] = text(credential.response[name]); }
    });
    return JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response: response,
      clientExtensionResults: {}
    });
  }

  document.querySelectorAll("form[data-security-key]").forEach(function (form) {
    if (!navigator.credentials || !window.PublicKeyCredential) { return; }
    form.hidden = false;
    form.addEventListener("submit", function (event) {
      if (form.elements.answer.value) { return; }
      event.preventDefault();
      var refused = form.querySelector("[data-refused]");
      refused.hidden = true;
      var options = { publicKey: unpacked(JSON.parse(form.dataset.options)) };
      navigator.credentials[form.dataset.securityKey](options).then(function (credential) {
        form.elements.answer.value = packed(credential);
        form.submit();
      }).catch(function () { refused.hidden = false; });
    });
  });
})();
