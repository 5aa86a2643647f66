import { Writer } from "./bytes.ts";
import { code, noResult } from "./instructions.ts";

/** Writes instructions, one a call; `op` those without an immediate, or with zeros as theirs. */
export class Code extends Writer {
  op(...codes: number[]): this {
    return this.byte(...codes);
  }

  localGet(index: number): this {
    return this.byte(code.localGet).u32(index);
  }

  localSet(index: number): this {
    return this.byte(code.localSet).u32(index);
  }

  localTee(index: number): this {
    return this.byte(code.localTee).u32(index);
  }

  globalGet(index: number): this {
    return this.byte(code.globalGet).u32(index);
  }

  globalSet(index: number): this {
    return this.byte(code.globalSet).u32(index);
  }

  i32(value: number): this {
    return this.byte(code.i32Const).s32(value);
  }

  i64(value: number): this {
    return this.byte(code.i64Const).s32(value);
  }

  call(index: number): this {
    return this.byte(code.call).u32(index);
  }

  /** Opens a block that gives nothing where the operand is not zero; `op(code.end)` closes it. */
  ifTrue(): this {
    return this.byte(code.if, noResult);
  }
}
