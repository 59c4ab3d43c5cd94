"""The responsibility map: who answers for a place, to the post and the person (责任到岗到人)."""
