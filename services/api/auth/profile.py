"""What people change of themselves: what they are called, and how they like to see things."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.auth import proof
from services.api.auth.schemas import Preferences, ProfileRead, ProfileUpdate, UserRead
from services.api.deps import Trace
from services.api.principal import Principal

Kept = Mapping[str, Any]


async def change(session: AsyncSession, wanted: ProfileUpdate, *, by: Principal, trace: Trace) -> ProfileRead:
    """Another name or other preferences of the caller. Raises NotAPerson."""
    user = await proof.locked(session, by.person)
    before, kept = user.name, user.preferences
    user.name = wanted.name or user.name
    user.preferences = merged(kept, wanted.preferences)
    changes = {"name": (before, user.name)} if user.name != before else {}
    if changes := changes | told(kept, user.preferences):
        proof.tell(session, "user.changed", user, by.address, trace, changes=changes)
    return ProfileRead(user=UserRead.model_validate(user), preferences=read(user.preferences))


def merged(kept: Kept, wanted: Preferences | None) -> dict[str, Any]:
    """As they are kept once those that were named are changed; null takes one out."""
    said = {} if wanted is None else wanted.model_dump(mode="json", exclude_unset=True)
    return {name: value for name, value in {**kept, **said}.items() if value is not None}


def told(before: Kept, after: Kept) -> dict[str, tuple[Any, Any]]:
    """What the audit is told of, by name, with its value before and after."""
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return {f"preferences.{name}": (before.get(name), after.get(name)) for name in sorted(changed)}


def read(kept: Kept) -> Preferences:
    """What is kept as it is shown. Another version may have written what this one does not know: nobody is kept out."""
    known = {name: value for name, value in kept.items() if name in Preferences.model_fields}
    try:
        return Preferences.model_validate(known)
    except ValidationError as error:
        unknown = {one["loc"][0] for one in error.errors()}
        return Preferences.model_validate({name: value for name, value in known.items() if name not in unknown})
