// Knows how the phone asks the server: with a time limit, never following to another page, never taking a stranger's answer.
//
//   await ask(address, {method, headers, body, timeout_ms, signal, onProgress}) -> {status, ok, headers, body}
//   throws RemoteProblem: .kind "network" (no answer), "signed_out", "refused"; .message is for people

import { N } from "./words.js";

const SAYS = {
  network: N("没有连上服务器，请检查网络后再试。"),
  signed_out: N("登录已过期，请重新登录；手机上的内容都还在。"),
  refused: N("服务器没有接受这个请求。"),
};

export class RemoteProblem extends Error {
  constructor(kind, message, status = 0, cause) {
    super(message || SAYS[kind] || SAYS.network);
    this.name = "RemoteProblem";
    this.kind = kind;
    this.status = status;
    this.cause = cause;
  }
}

/** Aborts after `timeout_ms` without progress, and when `signal` does. */
class Patience {
  constructor(timeout_ms, signal) {
    this.controller = new AbortController();
    this.timeout_ms = timeout_ms;
    this.stop = () => this.controller.abort();
    signal?.addEventListener("abort", this.stop);
    this.outer = signal;
    this.renew();
  }

  renew() {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.stop, this.timeout_ms);
  }

  end() {
    clearTimeout(this.timer);
    this.outer?.removeEventListener("abort", this.stop);
  }
}

async function textOf(response, patience, onProgress) {
  if (!onProgress || !response.body?.getReader) return response.text();
  const [reader, decoder] = [response.body.getReader(), new TextDecoder()];
  let [text, received] = ["", 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    patience.renew();
    received += value.length;
    text += decoder.decode(value, { stream: true });
    onProgress({ received });
  }
}

function parsed(text, response) {
  if (!/\bjson\b/.test(response.headers.get("Content-Type") ?? "")) return null;
  try { return JSON.parse(text); } catch { return null; }
}

export async function ask(address, { method = "GET", headers = {}, body, timeout_ms = 30000, signal, onProgress } = {}) {
  const patience = new Patience(timeout_ms, signal);
  try {
    const response = await fetch(address, {
      method, body, signal: patience.controller.signal, credentials: "same-origin", cache: "no-store", redirect: "manual",
      headers: { Accept: "application/json", "X-Requested-With": "fetch", ...headers },
    });
    // a page to sign in at instead of an answer
    if (response.type === "opaqueredirect") return { status: 401, ok: false, headers: new Headers(), body: { error: "signed_out" } };
    const text = response.status === 304 ? "" : await textOf(response, patience, onProgress);
    return { status: response.status, ok: response.ok, headers: response.headers, body: parsed(text, response), length: text.length };
  } catch (error) {
    throw new RemoteProblem("network", null, 0, error);
  } finally {
    patience.end();
  }
}
