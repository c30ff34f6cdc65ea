"""Help articles in the console: written in Markdown, tried before they are saved, never deleted."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from incidents.admin.permissions import ReferenceAdmin
from incidents.roles import Role
from incidents.states import About
from portal import articles, help_pages, prose
from portal.models import Article

# Who speaks to everybody in the organisation's name.
WRITERS = frozenset({Role.CISO, Role.MIM, Role.COM, Role.ADM})


class Lines(forms.CharField):
    """Text of several lines, with the line ends of the rows: browsers send others."""

    def to_python(self, value):
        return (super().to_python(value) or "").replace("\r\n", "\n")


class ArticleForm(forms.ModelForm):
    body = Lines(
        label=gettext_lazy("Text"),
        widget=forms.Textarea(attrs={"rows": 20, "class": "vLargeTextField"}),
        help_text=gettext_lazy(
            "Markdown: an empty line between paragraphs, 1. or - before each step, ## before a "
            "heading, [words](address) for a link. Pictures are left out, HTML is shown as it is."
        ),
    )
    about = forms.MultipleChoiceField(
        label=gettext_lazy("Suggested for"),
        choices=About.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("Kinds of report beside which it is shown."),
    )

    class Meta:
        model = Article
        fields = ["slug", "language", "title", "body", "about", "position", "is_published"]
        help_texts = {
            "language": gettext_lazy("Whoever reads a language without it gets the English one."),
            "title": gettext_lazy("What a reader would say, such as: I lost my laptop."),
            "position": gettext_lazy("The lowest come first. The start page shows six."),
            "is_published": gettext_lazy("Without it nobody can read it; the text is kept."),
        }

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        if slug in help_pages.documents():
            raise ValidationError(
                _("The documentation has a page %(name)s already. Choose another name."),
                params={"name": slug},
            )
        return slug


@admin.register(Article)
class ArticleAdmin(ReferenceAdmin):
    writers = WRITERS
    form = ArticleForm
    fields = tuple(ArticleForm.Meta.fields)
    list_display = ["title", "slug", "language", "position", "is_published"]
    list_filter = ["language", "is_published"]
    search_fields = ["title", "slug", "body"]

    def get_readonly_fields(self, request, obj=None):  # noqa: ARG002
        """Other pages and mails name an article by its address."""
        return ["slug", "language"] if obj else []

    def get_urls(self):
        preview = self.admin_site.admin_view(self.preview_view)
        return [path("preview/", preview, name="portal_article_preview"), *super().get_urls()]

    @method_decorator(require_POST)
    def preview_view(self, request):
        """The text as readers would see it. Nothing is stored."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        typed = request.POST
        text = prose.read(typed.get("body", ""))
        language = typed.get("language") or request.GET.get("language") or articles.FALLBACK
        return help_pages.show(
            request, typed.get("title", ""), text, language, "portal/help_preview.html"
        )
