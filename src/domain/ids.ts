// Branded ids: strings that cannot be mistaken for one another at compile time.
// They say nothing about how an id is made; auth/api-key.ts and lib/base62.ts know that.

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `acct_` + 11 base62 characters. Names the Account object; holds no personal data. */
export type AccountId = Branded<"AccountId">;
/** `key_` + 8 base62 characters; unique within its account. */
export type KeyId = Branded<"KeyId">;
/** `ses_` + 22 base62 characters; the `jti` of a session's token. */
export type SessionId = Branded<"SessionId">;
/** `req_` + 22 base62 characters; one per request at the edge. */
export type RequestId = Branded<"RequestId">;
/** `rt_` + 22 base62 characters; one per routing decision. */
export type DecisionId = Branded<"DecisionId">;
/** The Account object's own name for credits held: epoch × 2³² + n. */
export type ReservationId = number & { readonly [brand]: "ReservationId" };
