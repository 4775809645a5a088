import { Icon, type IconName } from "./icons.tsx";

interface Props {
  readonly icon: IconName;
  /** What it does; `hint` adds its key or a sentence for those who hover. */
  readonly label: string;
  readonly hint?: string;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly onClick: () => void;
}

/** A quiet button that is an icon alone. */
export function IconButton({ icon, label, hint, disabled = false, pressed, onClick }: Props) {
  return (
    <button
      type="button"
      class="lw-button lw-quiet"
      disabled={disabled}
      title={hint ? `${label} (${hint})` : label}
      aria-label={label}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
