"""Jobs of conversations."""

from domain.channels.jobs import FETCH_MEDIA as FETCH_MEDIA

END_SILENCES = "conversations.end_silences"  # clock: human holds and snoozes that are over
REFRESH_BOARD = "conversations.board"  # who waits for a person has changed
REFRESH_CARDS = "conversations.cards"  # what all cards show has changed; at, id, done_count: where to go on
HEARING_TRIES = "tries_count"  # in the payload of FETCH_MEDIA: how often the transcription failed
