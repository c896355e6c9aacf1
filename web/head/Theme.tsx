import { computed, effect, signal } from "@preact/signals";

const KEY = "prewarm-theme";
const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

const theme = signal<Theme>(THEMES.find((each) => each === localStorage.getItem(KEY)) ?? "system");

effect(() => {
  localStorage.setItem(KEY, theme.value);
  if (theme.value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
});

const system = matchMedia("(prefers-color-scheme: dark)");
const isSystemDark = signal(system.matches);
system.addEventListener("change", () => {
  isSystemDark.value = system.matches;
});

/** Whether the page is dark just now: what is drawn by hand is drawn anew. */
export const isDark = computed(() => (theme.value === "system" ? isSystemDark.value : theme.value === "dark"));

/** The system's setting first; this overrides it. */
export function Theme() {
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "system";
  return (
    <button
      type="button"
      class="theme"
      title={`Colours: ${theme.value}. Press for ${next}.`}
      aria-label={`Colours: ${theme.value}`}
      onClick={() => {
        theme.value = next;
      }}
    >
      ◐
    </button>
  );
}
