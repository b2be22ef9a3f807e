// The signed-in product. Every page works without this file; it adds live updates, shortcuts and comfort.
import { setUpPartialPages } from "./scripts/partial-pages.js";
import { setUpLiveUpdates } from "./scripts/live.js";
import { setUpMenus } from "./scripts/menus.js";
import { setUpDialogs } from "./scripts/dialogs.js";
import { setUpToasts } from "./scripts/toasts.js";
import { setUpShortcuts } from "./scripts/shortcuts.js";
import { setUpTheme } from "./scripts/theme.js";
import { setUpComposer } from "./scripts/composer.js";
import { setUpFrames } from "./scripts/frames.js";
import { setUpSelection } from "./scripts/selection.js";
import { setUpTimes } from "./scripts/times.js";
import { setUpForms } from "./scripts/forms.js";
import { setUpTimeline } from "./scripts/timeline.js";

setUpPartialPages();
setUpForms();
setUpMenus();
setUpDialogs();
setUpToasts();
setUpTheme();
setUpSelection();
setUpComposer();
setUpFrames();
setUpTimes();
setUpTimeline();
setUpShortcuts();
setUpLiveUpdates();
