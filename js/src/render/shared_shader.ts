import { GreyShader } from "./grey_shader.ts";

// Browsers allow some sixteen contexts a page: all pictures of a widget share one.
let shader: GreyShader | null = null;
const users = new Set<() => void>();

/** What a picture has of the shader that all share. */
export interface ShaderUse {
  readonly shader: GreyShader;
  leave(): void;
}

/** Use the shader, until one leaves; `onChange` is told when what it painted may be gone. */
export function useShader(onChange: () => void): ShaderUse {
  users.add(onChange);
  shader ??= new GreyShader(() => {
    for (const tell of [...users]) tell();
  });
  const used = shader;
  return {
    shader: used,
    leave() {
      if (!users.delete(onChange) || users.size > 0) return;
      if (shader === used) shader = null;
      used.dispose();
    },
  };
}
