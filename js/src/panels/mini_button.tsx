import { Icon, type IconName } from "./icons.tsx";

interface Props {
  readonly icon: IconName;
  /** What it does; `hint` adds its key or a sentence for those who hover. */
  readonly label: string;
  readonly hint?: string;
  readonly disabled?: boolean;
  /** Of a button that turns something on and off. */
  readonly on?: boolean;
  readonly onClick: (event: MouseEvent) => void;
}

/** A small button in a row or a heading, that is an icon alone. */
export function MiniButton({ icon, label, hint, disabled = false, on, onClick }: Props) {
  return (
    <button
      type="button"
      class="lw-mini"
      disabled={disabled}
      aria-label={label}
      title={hint ? `${label} (${hint})` : label}
      {...(on === undefined ? {} : { "data-on": on, "aria-pressed": on })}
      onClick={onClick}
    >
      <Icon name={icon} size={14} />
    </button>
  );
}
