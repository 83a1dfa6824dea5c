"""What each column of the claims' CSV means. Every column that is written has words."""

from collections.abc import Mapping

from estimator.exports.words import NUMBER, Word

_AS_CLAIMED = "as `unit` says"
_COMPARED = "as `compared_unit` says"

CLAIM_WORDS: Mapping[str, Word] = {
    "claim_set": Word(meaning="What was published: its name"),
    "source": Word(meaning="Where it was published"),
    "claim_id": Word(meaning="Short name of the claim within its set"),
    "topic": Word(meaning="What kind of claim it is"),
    "subject": Word(meaning="What it is about"),
    "metric": Word(meaning="What was claimed of it"),
    "claimed_low": Word(meaning="Lower end of the published figure", unit=_AS_CLAIMED, type=NUMBER),
    "claimed_high": Word(meaning="Upper end; the same where one figure was published", unit=_AS_CLAIMED, type=NUMBER),
    "unit": Word(meaning="Unit of the published figure"),
    "conditions": Word(meaning="Under which the publisher measured"),
    "contradiction": Word(meaning="What in the same source speaks against it"),
    "verdict": Word(meaning="reproduced, not reproduced, unsupported or inconsistent with itself"),
    "ours": Word(meaning="What was measured here, in words"),
    "compared_unit": Word(meaning="Unit in which both are compared"),
    "compared_against": Word(meaning="Which of our figures stands beside the claim"),
    "compared_claim": Word(meaning="The claim in that unit", unit=_COMPARED, type=NUMBER),
    "ours_low": Word(meaning="Lower end of our interval", unit=_COMPARED, type=NUMBER),
    "ours_mid": Word(meaning="Our figure; empty where nothing was measured", unit=_COMPARED, type=NUMBER),
    "ours_high": Word(meaning="Upper end of our interval", unit=_COMPARED, type=NUMBER),
    "why": Word(meaning="The reason of the verdict"),
    "holds_if": Word(meaning="The assumption that would make the claim true"),
    "runs": Word(meaning="Ids of the runs in which ours was measured, parted by semicolons"),
}
