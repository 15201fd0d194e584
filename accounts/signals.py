"""What is logged, or ends sessions, wherever it happens: in the admin, in a command, in a shell."""

from django.contrib.auth.models import Group, User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import m2m_changed, post_save, pre_save

from accounts import sessions
from accounts.security_log import current_request, log

RIGHTS = {"is_active": "active", "is_superuser": "superuser"}
RELATIONS = {User.groups: "groups", User.user_permissions: "permissions", Group.permissions: "permissions"}


def connect():
    """Connect the receivers of this module."""
    user_logged_in.connect(logged_in, dispatch_uid="accounts.logged_in")
    user_logged_out.connect(logged_out, dispatch_uid="accounts.logged_out")
    pre_save.connect(before_saving, sender=User, dispatch_uid="accounts.before_saving")
    post_save.connect(saved, sender=User, dispatch_uid="accounts.saved")
    for relation in RELATIONS:
        m2m_changed.connect(rights_changed, sender=relation.through, dispatch_uid=f"accounts.{relation.through}")


def logged_in(sender, request, user, **kwargs):
    sessions.start(request)
    log("login", user=user)


def logged_out(sender, request, user, **kwargs):
    if user is not None:
        log("logout", user=user)


def before_saving(sender, instance, raw, update_fields, **kwargs):
    """
    Note what a save changes of the rights and the password of an account.

    A save of the password alone is Django hashing the same one anew.
    """
    watched = {"password", *RIGHTS}
    if raw or (update_fields is not None and (set(update_fields) == {"password"} or not watched & set(update_fields))):
        instance.changed_fields = set()
        return
    before = User.objects.filter(pk=instance.pk).values(*watched).first() or {}
    instance.changed_fields = {name for name, value in before.items() if getattr(instance, name) != value}


def saved(sender, instance, created, raw, **kwargs):
    """Log what a save has changed; a new password ends all sessions but the one in which it was set."""
    if raw:
        return
    if created:
        log("account-added", user=instance, superuser=_yes_or_no(instance.is_superuser))
        return
    changed = [name for name in RIGHTS if name in instance.changed_fields]
    if changed:
        log("rights-changed", user=instance, **{RIGHTS[name]: _yes_or_no(getattr(instance, name)) for name in changed})
    if "password" in instance.changed_fields:
        request = current_request.get()
        is_own = request is not None and request.user == instance
        log("password-changed", user=instance)
        sessions.end_sessions(instance, keep=request.session.session_key if is_own else None)


def rights_changed(sender, instance, action, reverse, model, pk_set, **kwargs):
    """Log which groups and permissions an account, and which permissions a group, has gained or lost."""
    verb = {"post_add": "added", "post_remove": "removed", "pre_clear": "cleared"}.get(action)
    if verb is None or (verb != "cleared" and not pk_set):
        return
    relation = next(name for field, name in RELATIONS.items() if field.through is sender)
    others = model.objects.filter(pk__in=pk_set) if pk_set else []
    if isinstance(instance, User):
        log("rights-changed", user=instance, **{f"{relation}-{verb}": sorted(map(str, others)) or "all"})
    elif model is User:
        for user in others:
            log("rights-changed", user=user, **{f"{relation}-{verb}": [str(instance)]})
    else:
        log("rights-changed", group=[str(instance)], **{f"{relation}-{verb}": sorted(map(str, others)) or "all"})


def _yes_or_no(value):
    return "yes" if value else "no"
