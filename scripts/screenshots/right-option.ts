import type { Page } from "playwright-core";
import type { KnownTask } from "#src/main/demonstration/judge";

interface JudgeContent {
  readonly question: string;
  readonly choices: readonly { readonly id: string }[];
  readonly content: readonly { readonly text?: string; readonly alt?: string }[];
}

/** The place of the right answer, by what the page shows: as somebody who knows would find it. */
export async function rightOption(page: Page, known: readonly KnownTask[]): Promise<number> {
  const question = await page.locator(".task-question").innerText();
  const drawings = await page.locator(".task img").all();
  const described = await Promise.all(drawings.map((drawing) => drawing.getAttribute("alt")));
  const shown = [await page.locator(".task").innerText(), ...described].join("\n");
  const found = known.find(({ task }) => {
    const content = task.content as unknown as JudgeContent;
    return content.question === question && content.content.every(({ text, alt }) => shown.includes(text ?? alt ?? ""));
  });
  const choices = (found?.task.content as unknown as JudgeContent | undefined)?.choices ?? [];
  return Math.max(
    0,
    choices.findIndex(({ id }) => id === found?.answer),
  );
}
