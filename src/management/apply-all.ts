// Commands to an account's object, answers as a tuple: each good answer in the place of its command. It
// knows no routes; what a refusal looks like is admission's business.
import { accepted, applyTo } from "../admission/admit.ts";
import type { AnswerOf, Command, CommandKind } from "../domain/account-commands.ts";
import type { AccountRef } from "../domain/key.ts";
import type { Ports } from "../domain/ports.ts";

/** One RPC. @throws RouterError for the first refusal, or when the object cannot be reached. */
export async function applyAll<const Commands extends readonly Command[]>(
  ports: Ports,
  account: AccountRef,
  commands: Commands,
): Promise<GoodAnswers<Commands>> {
  const answers = await applyTo(ports, account, commands);
  const good: unknown = answers.map((answer) => accepted(answer));
  return good as GoodAnswers<Commands>; // answers stand in the order of their commands
}

export type GoodAnswers<Commands extends readonly Command[]> = {
  readonly [Place in keyof Commands]: GoodAnswer<Commands[Place]["kind"]>;
};

type GoodAnswer<Kind extends CommandKind> = Extract<AnswerOf<Kind>, { readonly ok: true }>;
