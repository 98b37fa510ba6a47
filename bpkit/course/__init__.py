"""The course as files and facts: where lessons lie, what they say of themselves, the learner's copy of them, and the glossary."""
