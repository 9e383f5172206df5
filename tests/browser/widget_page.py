"""A widget on a page of its own: its script, with a model that does what JupyterLab's does."""

import base64
import json

from musictools.lab._explorer import SETTABLE
from musictools.lab._explorer_widget import WEB

SHIM = """
const bytes = (text) => {
  const raw = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new DataView(raw.buffer);
};
export function modelOf(state, packed, answers) {
  const values = { ...state };
  for (const [name, text] of Object.entries(packed)) values[name] = bytes(text);
  const ears = {};
  const model = {
    sent: [], saved: 0,
    get: (name) => values[name],
    set: (name, value) => {
      if (JSON.stringify(values[name]) === JSON.stringify(value)) return;
      values[name] = value;
      (ears[`change:${name}`] ?? []).forEach((act) => act());
    },
    save_changes: () => { model.saved += 1; },
    on: (name, act) => { (ears[name] ??= []).push(act); },
    off: (name, act) => { ears[name] = (ears[name] ?? []).filter((one) => one !== act); },
    ears: () => Object.values(ears).flat().length,
    send: (message) => {
      model.sent.push(message);
      setTimeout(() => (ears["msg:custom"] ?? []).forEach((act) => act(answers.message)), 20);
    },
    widget_manager: { get_model: async () => ({ get: () => bytes(answers.data) }) },
  };
  return model;
}
"""
PAGE = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Explorer</title>
<style>{css}</style><body {attributes} style="margin:8px;{colours}"><div id="here"></div>
<script type="module">
import {{ modelOf }} from "data:text/javascript;base64,{shim}";
import widget from "data:text/javascript;base64,{script}";
const told = {told};
window.model = modelOf(told.state, told.packed, told.answers);
window.leave = widget.render({{ model: window.model, el: document.getElementById("here") }});
window.ready = true;
</script></body></html>"""
DARK = (
    "--jp-layout-color1:#111;--jp-layout-color2:#333;--jp-ui-font-color1:rgba(255,255,255,.87);"
    "--jp-border-color1:#616161;--jp-brand-color1:#64b5f6;background:#111"
)


def packed(data):
    return base64.b64encode(data).decode()


def explorer_page(explorer, *, dark=False):
    """Give the page of an explorer as HTML, with everything inside."""
    names = {name for name in explorer.keys if isinstance(getattr(explorer, name), bytes)}
    sound = explorer._view.sound()
    told = {
        "packed": {name: packed(getattr(explorer, name)) for name in names},
        "answers": {
            "message": {"sound": "sound", "kind": sound.kind, "words": sound.words},
            "data": packed(sound.data),
        },
    }
    return page_of(explorer, told, names=("_facts", *SETTABLE, "playing", "loop"), dark=dark)


def knobs_page(knobs, *, dark=False):
    """Give the page of knobs as HTML; they turn, but nobody works anything out."""
    told = {"packed": {}, "answers": {}}
    return page_of(knobs, told, names=("values", "_knobs", "_told"), dark=dark)


def page_of(widget, told, *, names, dark):
    state = widget.get_state()
    told |= {"state": {name: state[name] for name in names}}
    script = "explorer" if "_facts" in names else "knobs"
    return PAGE.format(
        css=(WEB / f"{script}.css").read_text("utf-8"),
        shim=packed(SHIM.encode()),
        script=packed((WEB / f"{script}.js").read_bytes()),
        told=json.dumps(told).replace("<", "\\u003c"),
        attributes=f'data-jp-theme-light="{str(not dark).lower()}"',
        colours=DARK if dark else "",
    )
