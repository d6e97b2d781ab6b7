/**
 * What can programs ask? The OpenAPI description of the service, drawn by Swagger UI without asking anybody else.
 */

const box = document.getElementById("reference");

window.SwaggerUIBundle({
  url: box.dataset.openapi,
  domNode: box,
  deepLinking: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  onComplete: () => (document.documentElement.dataset.ready = "yes"),
});
