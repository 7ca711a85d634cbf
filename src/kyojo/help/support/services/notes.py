"""What carers wrote for whoever comes, as visits carry it."""

from django.db.models import Q

from ..models import Visit


def notes_forget(which: Q) -> int:
    """Empty the note in the cards of these visits; how many there were. Inside the tenant of one of
    the towns, each time."""
    noted = Visit.objects.select_for_update(of=("self",)).filter(which)
    found = [visit for visit in noted.order_by("pk") if visit.recipient_card.get("note")]
    for visit in found:
        visit.recipient_card["note"] = ""
    Visit.objects.bulk_update(found, ["recipient_card"], batch_size=500)
    return len(found)
