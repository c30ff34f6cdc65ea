"""The addresses of the record. portal/api/urls.py joins them to the API."""

from django.urls import path

from incidents.api import evidence, reference, tasks, views

urlpatterns = [
    path("incidents/<str:reference>/", views.IncidentDetail.as_view(), name="api-incident"),
    path("incidents/<str:reference>/transitions/", views.Transitions.as_view()),
    path("incidents/<str:reference>/timeline/", views.Timeline.as_view()),
    path("incidents/<str:reference>/assessments/", views.Assessments.as_view()),
    path("incidents/<str:reference>/tasks/", tasks.TaskList.as_view()),
    path("incidents/<str:reference>/evidence/", evidence.EvidenceList.as_view()),
    path("tasks/<int:id>/", tasks.TaskDetail.as_view(), name="api-task"),
    path("tasks/<int:id>/waive/", tasks.Waive.as_view()),
    path(
        "evidence/<int:id>/content/",
        evidence.EvidenceContent.as_view(),
        name="api-evidence-content",
    ),
    path("departments/", reference.Departments.as_view()),
    path("categories/", reference.Categories.as_view()),
]
