"use strict";

const element = (id) => document.getElementById(id);

async function showSession() {
  const answer = await fetch("/api/users/token", { cache: "no-store" });
  if (answer.ok) {
    const session = await answer.json();
    element("who").textContent = session.name || session.email;
    element("session").hidden = false;
  }
}

async function signOut() {
  try {
    await fetch("/api/users/logout", { method: "POST" });
  } finally {
    location.reload();
  }
}

element("logout").addEventListener("click", signOut);
showSession();
