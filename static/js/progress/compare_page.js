// The page of two areas side by side: an area chosen twice on one of the maps is opened.

import { listen } from '../maps/channel.js';

for (const frame of document.querySelectorAll('.versus-maps .review-frame')) {
  listen(() => frame.contentWindow, {
    open: ({ code }) => window.location.assign(frame.dataset.open.replace('CODE', encodeURIComponent(code))),
  });
}
